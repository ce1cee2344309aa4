with deals as (
    select * from {{ ref('fct_opportunities') }}
),

-- A step without a day was taken no earlier than the one before it; of a first one nobody knows.
steps as (
    select
        *,
        max(changed_on) over (
            partition by organization_id, opportunity_id
            order by step
            rows between unbounded preceding and current row
        ) as last_known_on,
        coalesce(changed_on, last_known_on) as reached_on
    from {{ ref('fct_opportunity_stage_changes') }}
),

stages as (
    select * from {{ ref('dim_stages') }}
),

-- A later step counts from its own day on, even where an earlier one says a later day.
reached as (
    select
        organization_id,
        opportunity_id,
        to_stage as stage,
        reached_on as valid_from,
        min(reached_on) over (
            partition by organization_id, opportunity_id
            order by step
            rows between 1 following and unbounded following
        ) as valid_to
    from steps
),

without_steps as (
    select
        deals.organization_id,
        deals.opportunity_id,
        deals.stage,
        deals.opened_on as valid_from,
        null::date as valid_to
    from deals
    left join reached
        on deals.opportunity_id = reached.opportunity_id and deals.organization_id = reached.organization_id
    where reached.opportunity_id is null
),

stands as (
    select * from reached
    union all
    select * from without_steps
),

spans as (
    select
        stands.valid_from,
        stands.valid_to,
        stages.stage,
        stages.stage_position,
        coalesce(deals.probability_override, stages.default_probability) as probability,
        deals.opportunity_id,
        deals.organization_id,
        deals.customer_id,
        deals.sales_rep_id,
        deals.source,
        deals.product_name,
        deals.product_series,
        deals.regional_office,
        deals.customer_country,
        deals.customer_sector,
        deals.currency,
        deals.amount,
        deals.opened_on
    from stands
    inner join stages on stands.stage = stages.stage and stages.is_open
    inner join deals
        on stands.opportunity_id = deals.opportunity_id and stands.organization_id = deals.organization_id
),

in_own_currency as (
    {{ converted('spans', day='opened_on', amounts={'amount': 'amount_org'}) }}
),

weighed as (
    select
        *,
        -- A division would leave exact decimals behind.
        (amount_org::decimal(20, 4) * (probability * 0.01)::decimal(5, 2))::decimal(18, 4) as weighted_amount_org
    from in_own_currency
),

at_dates as (
    {{ at_snapshot_dates('weighed') }}
)

{{ fingerprinted('at_dates') }}
order by organization_id, snapshot_on, opportunity_id
