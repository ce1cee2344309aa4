with source as (
    select * from {{ source('operational', 'landing_pages') }}
)

select
    -- ids
    id as landing_page_id,
    organization_id,
    campaign_id,
    form_id,
    created_by,
    updated_by,

    -- attributes
    slug,
    version,

    -- times
    published_at,
    created_at,
    updated_at,
    deleted_at
from source
