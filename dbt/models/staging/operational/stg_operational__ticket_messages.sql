with source as (
    select * from {{ source('operational', 'ticket_messages') }}
),

dated as (
    {{ with_local_days('source', ['sent_at']) }}
)

select
    -- ids
    id as ticket_message_id,
    organization_id,
    ticket_id,
    member_id,
    contact_id,
    created_by,
    updated_by,

    -- attributes
    author,
    channel,
    is_internal,
    version,

    -- times
    sent_at,
    sent_on,
    created_at,
    updated_at,
    deleted_at
from dated
