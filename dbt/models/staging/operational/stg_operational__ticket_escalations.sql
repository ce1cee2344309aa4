with source as (
    select * from {{ source('operational', 'ticket_escalations') }}
)

select
    -- ids
    id as escalation_id,
    organization_id,
    ticket_id,
    from_member_id,
    to_member_id,

    -- attributes
    level,
    recorded_at_assumed,

    -- times
    escalated_at,
    recorded_at
from source
