with quotas as (
    select
        *,
        measure = 'new_customers' as is_count
    from {{ ref('stg_operational__quotas') }}
    where deleted_at is null
),

users as (
    select * from {{ ref('dim_users') }}
),

territories as (
    select * from {{ ref('dim_territories') }}
),

won_deals as (
    select * from {{ ref('fct_opportunities') }}
    where is_won
),

-- What the same member won in the same days; of a territory, or of new customers, no deal tells.
won as (
    select
        quotas.organization_id,
        quotas.quota_id,
        coalesce(sum(won_deals.amount_org), 0)::decimal(18, 4) as won_amount_org
    from quotas
    left join won_deals
        on
            quotas.organization_id = won_deals.organization_id
            and quotas.member_id = won_deals.sales_rep_id
            and won_deals.closed_on between quotas.starts_on and quotas.ends_on
    where quotas.measure = 'bookings' and quotas.member_id is not null
    group by quotas.organization_id, quotas.quota_id
),

widened as (
    select
        quotas.quota_id,
        quotas.organization_id,
        quotas.member_id,
        quotas.territory_id,
        quotas.measure,
        users.regional_office,
        territories.territory_name,
        -- Customers have no currency.
        case when not quotas.is_count then quotas.currency end as currency,
        quotas.amount,
        won.won_amount_org,
        quotas.starts_on,
        quotas.ends_on
    from quotas
    left join users
        on quotas.member_id = users.user_id and quotas.organization_id = users.organization_id
    left join won
        on quotas.quota_id = won.quota_id and quotas.organization_id = won.organization_id
    left join territories
        on quotas.territory_id = territories.territory_id and quotas.organization_id = territories.organization_id
),

in_own_currency as (
    {{ converted('widened', day='starts_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, starts_on, quota_id
