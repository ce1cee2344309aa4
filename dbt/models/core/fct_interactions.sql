with interactions as (
    select * from {{ ref('stg_operational__interactions') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

contents as (
    select * from {{ ref('stg_operational__campaign_contents') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

widened as (
    select
        interactions.*,
        campaigns.campaign_name,
        campaigns.campaign_type,
        contents.variant as content_variant,
        customers.country as customer_country,
        customers.sector as customer_sector,
        -- What a person did of their own will with what a campaign showed them. A visit follows the click that led
        -- to it and would count it twice; being written to is no deed.
        (
            interactions.kind in ('opened', 'clicked', 'registered', 'attended', 'converted')
            and not interactions.is_machine
            and interactions.campaign_id is not null
        ) as is_touch
    from interactions
    left join campaigns
        on
            interactions.campaign_id = campaigns.campaign_id
            and interactions.organization_id = campaigns.organization_id
    left join contents
        on
            interactions.content_id = contents.content_id
            and interactions.organization_id = contents.organization_id
    left join customers
        on
            interactions.customer_id = customers.customer_id
            and interactions.organization_id = customers.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, happened_at, interaction_id
