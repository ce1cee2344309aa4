-- The last rung in a deal's history is the rung it stands on.
with last_steps as (
    select
        organization_id,
        opportunity_id,
        max_by(to_stage, step) as stage
    from {{ ref('fct_opportunity_stage_changes') }}
    group by organization_id, opportunity_id
)

select
    opportunities.organization_id,
    opportunities.opportunity_id as record_id
from {{ ref('fct_opportunities') }} as opportunities
left join last_steps
    on
        opportunities.opportunity_id = last_steps.opportunity_id
        and opportunities.organization_id = last_steps.organization_id
where opportunities.stage is distinct from last_steps.stage
