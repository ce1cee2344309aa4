with source as (
    select * from {{ source('hubspot', 'hubspot_contacts') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('properties.associatedcompanyid') }} as company_id,
    {{ told('properties.hubspot_owner_id') }} as owner_id,

    -- attributes
    {{ told('properties.country') }} as country,
    {{ told('properties.lifecyclestage') }} as lifecycle_stage,
    {{ told('properties.hs_lead_status') }} as lead_status,
    {{ told('properties.hs_analytics_source') }} as acquisition_source,

    -- times
    {{ told_moment('createdAt') }} as created_at,
    {{ told_moment('updatedAt') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
