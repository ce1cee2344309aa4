with deals as (
    select * from {{ ref('fct_opportunities') }}
    where is_won
),

touches as (
    select * from {{ ref('fct_interactions') }}
    where is_touch
),

attribution_models as (
    select 'first' as attribution_model
    union all
    select 'last' as attribution_model
    union all
    select 'linear' as attribution_model
    union all
    select 'time_decay' as attribution_model
),

-- The hour of a closing is not known: a touch of that day still came before it.
-- A deal that nothing touched stays, as one row without a touch, so that all its money is told of.
touched_deals as (
    select
        deals.organization_id,
        deals.opportunity_id,
        deals.customer_id,
        deals.sales_rep_id,
        deals.customer_country,
        deals.customer_sector,
        deals.amount_org as amount,
        deals.closed_on,
        touches.interaction_id,
        touches.campaign_id,
        touches.campaign_name,
        touches.campaign_type,
        touches.channel,
        touches.kind as touch_kind,
        touches.happened_on as touched_on,
        row_number() over (
            partition by deals.organization_id, deals.opportunity_id
            order by touches.happened_at, touches.interaction_id
        ) as place,
        count(*) over (partition by deals.organization_id, deals.opportunity_id) as places,
        max(touches.happened_on) over (partition by deals.organization_id, deals.opportunity_id) as last_touched_on
    from deals
    left join touches
        on
            deals.organization_id = touches.organization_id
            and deals.customer_id = touches.customer_id
            and deals.closed_on >= touches.happened_on
),

-- Half as much for every 30 days. Counted back from the last touch instead of the closing, which leaves the shares
-- as they are and keeps touches of long ago from vanishing together. Exact decimals add up the same in any order.
fading as (
    select
        *,
        coalesce(power(0.5, (last_touched_on - touched_on) / 30.0), 1)::decimal(18, 12) as strength
    from touched_deals
),

added_up as (
    select
        *,
        sum(strength) over (
            partition by organization_id, opportunity_id
            order by place
            rows between unbounded preceding and current row
        ) as strength_until,
        sum(strength) over (partition by organization_id, opportunity_id) as strength_in_all
    from fading
),

-- How much of the deal is given away up to and with each touch: it ends at exactly one, and so do the differences.
shared as (
    select
        added_up.*,
        attribution_models.attribution_model,
        case
            when added_up.place = added_up.places or attribution_models.attribution_model = 'first' then 1
            when attribution_models.attribution_model = 'last' then 0
            when attribution_models.attribution_model = 'linear' then added_up.place::double / added_up.places
            else added_up.strength_until / added_up.strength_in_all
        end::decimal(10, 9) as share_until
    from added_up
    cross join attribution_models
),

given_away as (
    select
        *,
        case
            when place = places then amount
            -- Two decimals of 18 digits would be multiplied within 18 digits.
            else (amount::decimal(20, 4) * share_until)::decimal(18, 2)
        end::decimal(18, 4) as amount_until
    from shared
),

each_touch as (
    select
        *,
        share_until - lag(share_until, 1, 0) over (
            partition by organization_id, opportunity_id, attribution_model
            order by place
        ) as share_of_deal,
        amount_until - lag(amount_until, 1, 0) over (
            partition by organization_id, opportunity_id, attribution_model
            order by place
        ) as share_of_amount
    from given_away
),

attributed as (
    select
        {{ made_key(['opportunity_id', 'interaction_id', 'attribution_model']) }} as attributed_touch_id,
        organization_id,
        opportunity_id,
        interaction_id,
        campaign_id,
        customer_id,
        sales_rep_id,
        attribution_model,
        campaign_name,
        campaign_type,
        channel,
        touch_kind,
        customer_country,
        customer_sector,
        case when interaction_id is not null then place end::integer as touch_position,
        case when interaction_id is not null then places else 0 end::integer as touches,
        share_of_deal::decimal(10, 9) as weight,
        share_of_amount::decimal(18, 4) as attributed_amount,
        closed_on,
        touched_on
    from each_touch
)

{{ fingerprinted('attributed') }}
order by organization_id, closed_on, attributed_touch_id
