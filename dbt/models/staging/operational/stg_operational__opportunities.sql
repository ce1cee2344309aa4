with source as (
    select * from {{ source('operational', 'opportunities') }}
)

select
    -- ids
    id as opportunity_id,
    organization_id,
    customer_id,
    sales_rep_id,
    created_by,
    updated_by,

    -- attributes
    stage,
    currency,
    source,
    probability_override,
    probability,
    own_fields,
    derived_model_version,
    version,

    -- amounts
    amount,

    -- times
    opened_on,
    expected_close_on,
    closed_on,
    derived_as_of,
    created_at,
    updated_at,
    deleted_at
from source
