with source as (
    select * from {{ source('operational', 'refunds') }}
)

select
    -- ids
    id as refund_id,
    organization_id,
    payment_id,
    created_by,
    updated_by,

    -- attributes
    version,

    -- amounts
    amount,

    -- times
    refunded_on,
    created_at,
    updated_at,
    deleted_at
from source
