with source as (
    select * from {{ source('operational', 'consents') }}
)

select
    -- ids
    id as consent_id,
    organization_id,
    customer_id,
    contact_id,
    form_id,

    -- attributes
    purpose,
    channel,
    is_given,
    recorded_at_assumed,

    -- times
    happened_at,
    recorded_at
from source
