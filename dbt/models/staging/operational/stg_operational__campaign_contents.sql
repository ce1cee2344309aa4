with source as (
    select * from {{ source('operational', 'campaign_contents') }}
)

select
    -- ids
    id as content_id,
    organization_id,
    campaign_id,
    created_by,
    updated_by,

    -- attributes
    kind,
    variant,
    language,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
