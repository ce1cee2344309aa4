with source as (
    select * from {{ source('operational', 'knowledge_article_versions') }}
)

select
    -- ids
    id as article_version_id,
    organization_id,
    article_id,
    edited_by,

    -- attributes
    article_version,
    recorded_at_assumed,

    -- times
    recorded_at
from source
