with source as (
    select * from {{ source('operational', 'subscription_changes') }}
)

select
    -- ids
    id as subscription_change_id,
    organization_id,
    subscription_id,
    changed_by,

    -- attributes
    kind,
    from_status,
    to_status,
    quantity,
    recorded_at_assumed,

    -- amounts
    monthly_value,
    monthly_value_change,

    -- times
    changed_on,
    recorded_at
from source
