with source as (
    select * from {{ source('operational', 'payments') }}
)

select
    -- ids
    id as payment_id,
    organization_id,
    invoice_id,
    created_by,
    updated_by,

    -- attributes
    status,
    method,
    failure_reason,
    version,

    -- amounts
    amount,

    -- times
    paid_on,
    created_at,
    updated_at,
    deleted_at
from source
