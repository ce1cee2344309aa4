-- On the last day every deal stands in the snapshots where it stands now. A deal that moves later is left out.
with latest as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest
),

last_steps as (
    select
        organization_id,
        opportunity_id,
        max(changed_on) as last_on
    from {{ ref('fct_opportunity_stage_changes') }}
    group by organization_id, opportunity_id
),

deals as (
    select
        opportunities.organization_id,
        opportunities.opportunity_id,
        latest.snapshot_on,
        case when opportunities.is_open then opportunities.stage end as stage,
        case when opportunities.is_open then opportunities.amount end as amount
    from {{ ref('fct_opportunities') }} as opportunities
    left join last_steps
        on
            opportunities.opportunity_id = last_steps.opportunity_id
            and opportunities.organization_id = last_steps.organization_id
    inner join latest
        on
            opportunities.organization_id = latest.organization_id
            and coalesce(last_steps.last_on, opportunities.opened_on, latest.snapshot_on) <= latest.snapshot_on
)

select
    deals.organization_id,
    deals.opportunity_id as record_id
from deals
left join {{ ref('fct_pipeline_snapshots') }} as snapshots
    on
        deals.opportunity_id = snapshots.opportunity_id
        and deals.organization_id = snapshots.organization_id
        and deals.snapshot_on = snapshots.snapshot_on
where deals.stage is distinct from snapshots.stage or deals.amount is distinct from snapshots.amount
