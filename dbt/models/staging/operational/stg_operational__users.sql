with source as (
    select * from {{ source('operational', 'memberships') }}
)

select
    -- ids
    id as user_id,
    organization_id,
    user_id as sign_in_id,
    manager_id,
    created_by,
    updated_by,

    -- attributes
    access_role,
    business_role,
    regional_office,
    is_active,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
