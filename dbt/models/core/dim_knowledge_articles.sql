with knowledge_articles as (
    select * from {{ ref('stg_operational__knowledge_articles') }}
)

{{ fingerprinted('knowledge_articles') }}
order by organization_id, article_id
