with costs as (
    select * from {{ ref('stg_operational__campaign_daily_costs') }}
    where deleted_at is null
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

widened as (
    select
        costs.*,
        campaigns.owner_id,
        campaigns.campaign_name,
        campaigns.campaign_type
    from costs
    left join campaigns
        on
            costs.campaign_id = campaigns.campaign_id
            and costs.organization_id = campaigns.organization_id
),

in_own_currency as (
    {{ converted('widened', day='spent_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, spent_on, campaign_cost_id
