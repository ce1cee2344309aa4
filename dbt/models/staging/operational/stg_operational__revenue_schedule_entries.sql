with source as (
    select * from {{ source('operational', 'revenue_schedule_entries') }}
)

select
    -- ids
    id as revenue_schedule_entry_id,
    organization_id,
    invoice_line_id,
    created_by,
    updated_by,

    -- attributes
    version,

    -- amounts
    amount,

    -- times
    month as month_on,
    created_at,
    updated_at,
    deleted_at
from source
