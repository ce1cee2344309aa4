with steps as (
    select * from {{ ref('stg_operational__opportunity_stage_changes') }}
),

stages as (
    select * from {{ source('operational', 'sales_stages') }}
)

select
    steps.organization_id,
    steps.opportunity_id as subject_id,
    steps.stage_change_id as step_id,
    steps.to_stage as stage,
    stages.stage_position,
    stages.is_open,
    stages.is_won,
    stages.is_lost,
    coalesce(steps.changed_on, steps.recorded_at::date) as changed_on,
    steps.recorded_at as known_at
from steps
inner join stages on steps.to_stage = stages.stage
