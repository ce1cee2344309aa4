with source as (
    select * from {{ source('operational', 'tickets') }}
),

dated as (
    {{ with_local_days('source', ['opened_at', 'resolved_at', 'closed_at']) }}
)

select
    -- ids
    id as ticket_id,
    organization_id,
    customer_id,
    contact_id,
    assigned_agent_id,
    sla_policy_id,
    created_by,
    updated_by,

    -- attributes
    number as ticket_number,
    status,
    priority,
    category,
    channel,
    language,
    customer_satisfaction,
    own_fields,
    derived_model_version,
    version,

    -- times
    opened_at,
    opened_on,
    first_replied_at,
    first_reply_due_at,
    resolved_at,
    resolved_on,
    resolution_due_at,
    closed_at,
    closed_on,
    derived_as_of,
    created_at,
    updated_at,
    deleted_at
from dated
