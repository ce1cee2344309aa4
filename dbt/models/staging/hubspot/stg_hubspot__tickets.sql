with source as (
    select * from {{ source('hubspot', 'hubspot_tickets') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('properties.hubspot_owner_id') }} as owner_id,

    -- attributes
    {{ told('properties.hs_pipeline_stage') }} as stage,
    {{ told('properties.hs_pipeline') }} as pipeline,
    {{ told('properties.hs_ticket_priority') }} as priority,
    {{ told('properties.hs_ticket_category') }} as category,
    {{ told('properties.source_type') }} as source,

    -- times
    {{ told_moment('properties.closed_date') }} as closed_at,
    {{ told_moment('createdAt') }} as created_at,
    {{ told_moment('updatedAt') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
