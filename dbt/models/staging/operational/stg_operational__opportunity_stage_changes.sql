with source as (
    select * from {{ source('operational', 'opportunity_stage_changes') }}
)

select
    -- ids
    id as stage_change_id,
    organization_id,
    opportunity_id,
    changed_by,

    -- attributes
    from_stage,
    to_stage,
    recorded_at_assumed,

    -- times
    changed_on,
    recorded_at
from source
