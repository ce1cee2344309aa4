with source as (
    select * from {{ source('operational', 'knowledge_article_views') }}
)

select
    -- ids
    id as article_view_id,
    organization_id,
    article_id,
    customer_id,

    -- attributes
    was_helpful as is_helpful,
    recorded_at_assumed,

    -- times
    viewed_at,
    recorded_at
from source
