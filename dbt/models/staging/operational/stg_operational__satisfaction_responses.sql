with source as (
    select * from {{ source('operational', 'satisfaction_responses') }}
),

dated as (
    {{ with_local_days('source', ['answered_at']) }}
)

select
    -- ids
    id as satisfaction_response_id,
    organization_id,
    ticket_id,
    contact_id,

    -- attributes
    score,
    recorded_at_assumed,

    -- times
    answered_at,
    answered_on,
    recorded_at
from dated
