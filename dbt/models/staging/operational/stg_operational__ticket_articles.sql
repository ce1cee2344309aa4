with source as (
    select * from {{ source('operational', 'ticket_articles') }}
)

select
    -- ids
    id as ticket_article_id,
    organization_id,
    ticket_id,
    article_id,
    created_by,
    updated_by,

    -- attributes
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
