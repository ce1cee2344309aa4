with article_views as (
    select * from {{ ref('stg_operational__knowledge_article_views') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

articles as (
    select * from {{ ref('dim_knowledge_articles') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

-- Views and tickets of a customer in one line by time, so that each view sees the next ticket without a search.
moments as (
    select
        organization_id,
        customer_id,
        article_view_id,
        viewed_at as happened_at,
        null::timestamp as opened_at
    from article_views
    where customer_id is not null
    union all
    select
        organization_id,
        customer_id,
        null::uuid as article_view_id,
        opened_at as happened_at,
        opened_at
    from tickets
    where customer_id is not null
),

-- A ticket of the very moment comes after the view.
looking_ahead as (
    select
        organization_id,
        article_view_id,
        min(opened_at) over (
            partition by organization_id, customer_id
            order by happened_at desc, opened_at is null
            rows between unbounded preceding and current row
        ) as next_ticket_at
    from moments
),

next_tickets as (
    select
        organization_id,
        article_view_id,
        next_ticket_at
    from looking_ahead
    where article_view_id is not null
),

widened as (
    select
        article_views.*,
        articles.category as article_category,
        articles.language as article_language,
        articles.visibility as article_visibility,
        customers.country as customer_country,
        customers.sector as customer_sector,
        case
            when article_views.customer_id is not null
                then coalesce(next_tickets.next_ticket_at > article_views.viewed_at + interval 24 hour, true)
        end as is_deflected
    from article_views
    left join next_tickets
        on
            article_views.article_view_id = next_tickets.article_view_id
            and article_views.organization_id = next_tickets.organization_id
    left join articles
        on
            article_views.article_id = articles.article_id
            and article_views.organization_id = articles.organization_id
    left join customers
        on
            article_views.customer_id = customers.customer_id
            and article_views.organization_id = customers.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, viewed_at, article_view_id
