with stage_changes as (
    select * from {{ ref('stg_operational__opportunity_stage_changes') }}
),

opportunities as (
    select * from {{ ref('stg_operational__opportunities') }}
    where deleted_at is null
),

of_living_deals as (
    select
        stage_changes.*,
        row_number() over (
            partition by stage_changes.organization_id, stage_changes.opportunity_id
            order by stage_changes.recorded_at, stage_changes.stage_change_id
        )::integer as step
    from stage_changes
    inner join opportunities
        on
            stage_changes.opportunity_id = opportunities.opportunity_id
            and stage_changes.organization_id = opportunities.organization_id
)

{{ fingerprinted('of_living_deals') }}
order by organization_id, changed_on, stage_change_id
