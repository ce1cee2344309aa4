with stage_changes as (
    select * from {{ ref('stg_operational__opportunity_stage_changes') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

stages as (
    select * from {{ ref('dim_stages') }}
),

of_living_deals as (
    select
        stage_changes.*,
        opportunities.sales_rep_id,
        opportunities.product_name,
        opportunities.product_series,
        opportunities.regional_office,
        opportunities.customer_country,
        opportunities.customer_sector,
        row_number() over (
            partition by stage_changes.organization_id, stage_changes.opportunity_id
            order by stage_changes.recorded_at, stage_changes.stage_change_id
        )::integer as step
    from stage_changes
    inner join opportunities
        on
            stage_changes.opportunity_id = opportunities.opportunity_id
            and stage_changes.organization_id = opportunities.organization_id
),

positioned as (
    select
        of_living_deals.*,
        stages.is_open,
        stages.stage_position,
        lead(stages.stage_position) over (
            partition by of_living_deals.organization_id, of_living_deals.opportunity_id
            order by of_living_deals.step
        ) as next_position,
        lead(stages.is_lost) over (
            partition by of_living_deals.organization_id, of_living_deals.opportunity_id
            order by of_living_deals.step
        ) as is_lost_next
    from of_living_deals
    left join stages on of_living_deals.to_stage = stages.stage
),

moved as (
    select
        *,
        coalesce(is_open, false) as is_rung,
        coalesce(next_position > stage_position and not is_lost_next, false) as is_left_forwards
    from positioned
)

{{ fingerprinted('moved') }}
order by organization_id, changed_on, stage_change_id
