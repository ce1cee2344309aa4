-- Each model of attribution gives away every won deal whole: its shares are one, its amounts the deal's.
with models as (
    select distinct attribution_model
    from {{ ref('fct_attributed_touches') }}
),

won_deals as (
    select
        deals.organization_id,
        deals.opportunity_id,
        deals.amount_org as amount,
        models.attribution_model
    from {{ ref('fct_opportunities') }} as deals
    cross join models
    where deals.is_won
),

given_away as (
    select
        organization_id,
        opportunity_id,
        attribution_model,
        sum(weight) as weight,
        sum(attributed_amount) as amount
    from {{ ref('fct_attributed_touches') }}
    group by organization_id, opportunity_id, attribution_model
)

select
    coalesce(won_deals.organization_id, given_away.organization_id) as organization_id,
    coalesce(won_deals.opportunity_id, given_away.opportunity_id) as record_id
from won_deals
full outer join given_away
    on
        won_deals.opportunity_id = given_away.opportunity_id
        and won_deals.organization_id = given_away.organization_id
        and won_deals.attribution_model = given_away.attribution_model
where
    given_away.weight is distinct from 1
    or given_away.amount is distinct from won_deals.amount
