with source as (
    select * from {{ source('operational', 'activities') }}
)

select
    -- ids
    id as activity_id,
    organization_id,
    opportunity_id,
    customer_id,
    member_id,
    created_by,
    updated_by,

    -- attributes
    kind,
    duration_minutes,
    version,

    -- times
    happened_on,
    due_on,
    done_at,
    created_at,
    updated_at,
    deleted_at
from source
