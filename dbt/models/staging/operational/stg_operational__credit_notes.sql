with source as (
    select * from {{ source('operational', 'credit_notes') }}
)

select
    -- ids
    id as credit_note_id,
    organization_id,
    invoice_id,
    created_by,
    updated_by,

    -- attributes
    number,
    version,

    -- amounts
    amount,

    -- times
    issued_on,
    created_at,
    updated_at,
    deleted_at
from source
