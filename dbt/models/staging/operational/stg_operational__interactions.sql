with source as (
    select * from {{ source('operational', 'interactions') }}
),

dated as (
    {{ with_local_days('source', ['happened_at']) }}
)

select
    -- ids
    id as interaction_id,
    organization_id,
    customer_id,
    contact_id,
    campaign_id,
    content_id,
    opportunity_id,
    form_id,
    landing_page_id,

    -- attributes
    kind,
    channel,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    is_machine,
    recorded_at_assumed,

    -- times
    happened_at,
    happened_on,
    recorded_at
from dated
