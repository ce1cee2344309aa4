with source as (
    select * from {{ source('operational', 'opportunity_close_date_changes') }}
)

select
    -- ids
    id as close_date_change_id,
    organization_id,
    opportunity_id,
    changed_by,

    -- attributes
    recorded_at_assumed,

    -- times
    expected_before,
    expected_after,
    changed_on,
    recorded_at
from source
