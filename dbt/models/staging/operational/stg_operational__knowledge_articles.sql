with source as (
    select * from {{ source('operational', 'knowledge_articles') }}
)

select
    -- ids
    id as article_id,
    organization_id,
    author_id,
    created_by,
    updated_by,

    -- attributes
    slug,
    category,
    language,
    status,
    visibility,
    article_version,
    version,

    -- times
    published_at,
    created_at,
    updated_at,
    deleted_at
from source
