with source as (
    select * from {{ source('operational', 'suppressions') }}
)

select
    -- ids
    id as suppression_id,
    organization_id,
    customer_id,
    contact_id,
    created_by,
    updated_by,

    -- attributes
    channel,
    reason,
    version,

    -- times
    since as suppressed_on,
    created_at,
    updated_at,
    deleted_at
from source
