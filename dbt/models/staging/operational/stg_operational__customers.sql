with source as (
    select * from {{ source('operational', 'customers') }}
)

select
    -- ids
    id as customer_id,
    organization_id,
    parent_customer_id,
    assigned_sales_rep_id,
    created_by,
    updated_by,

    -- attributes
    country,
    sector,
    status,
    customer_type,
    acquisition_source,
    founded_year,
    currency,
    employees,
    health_score,
    own_fields,
    derived_model_version,
    version,

    -- amounts
    annual_revenue,
    lifetime_value,

    -- times
    became_customer_on,
    derived_as_of,
    created_at,
    updated_at,
    deleted_at
from source
