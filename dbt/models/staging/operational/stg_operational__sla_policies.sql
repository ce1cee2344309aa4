with source as (
    select * from {{ source('operational', 'sla_policies') }}
)

select
    -- ids
    id as sla_policy_id,
    organization_id,
    business_hours_id,
    created_by,
    updated_by,

    -- attributes
    name as sla_policy_name,
    priority,
    first_reply_minutes,
    resolution_minutes,
    is_active,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
