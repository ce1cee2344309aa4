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
        quotas.starts_on,
        quotas.ends_on
    from quotas
    left join users
        on quotas.member_id = users.user_id and quotas.organization_id = users.organization_id
    left join territories
        on quotas.territory_id = territories.territory_id and quotas.organization_id = territories.organization_id
),

in_own_currency as (
    {{ converted('widened', day='starts_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, starts_on, quota_id
