with source as (
    select * from {{ source('operational', 'application_customers') }}
)

select
    -- ids
    id as application_customer_id,
    organization_id,
    application_id,
    customer_id,
    created_by,
    updated_by,

    -- attributes
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
