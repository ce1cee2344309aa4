with source as (
    select * from {{ source('operational', 'usage_events') }}
)

select
    -- ids
    id as usage_event_id,
    organization_id,
    customer_id,
    application_id,
    product_id,

    -- attributes
    feature,
    events,
    active_users,
    recorded_at_assumed,

    -- times
    used_on,
    recorded_at
from source
