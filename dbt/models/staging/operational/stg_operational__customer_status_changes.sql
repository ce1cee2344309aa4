with source as (
    select * from {{ source('operational', 'customer_status_changes') }}
),

dated as (
    {{ with_local_days('source', ['recorded_at']) }}
)

select
    -- ids
    id as status_change_id,
    organization_id,
    customer_id,
    changed_by,

    -- attributes
    from_status,
    to_status,
    recorded_at_assumed,

    -- times
    changed_on,
    recorded_at,
    recorded_on
from dated
