with source as (
    select * from {{ source('operational', 'knowledge_article_views') }}
),

dated as (
    {{ with_local_days('source', ['viewed_at']) }}
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
    viewed_on,
    recorded_at
from dated
