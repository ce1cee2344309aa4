with source as (
    select * from {{ source('operational', 'satisfaction_responses') }}
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
    recorded_at
from source
