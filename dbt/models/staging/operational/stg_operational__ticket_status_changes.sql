with source as (
    select * from {{ source('operational', 'ticket_status_changes') }}
),

dated as (
    {{ with_local_days('source', ['changed_at']) }}
)

select
    -- ids
    id as status_change_id,
    organization_id,
    ticket_id,
    changed_by,

    -- attributes
    from_status,
    to_status,
    recorded_at_assumed,

    -- times
    changed_at,
    changed_on,
    recorded_at
from dated
