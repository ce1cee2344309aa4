with source as (
    select * from {{ source('operational', 'forms') }}
)

select
    -- ids
    id as form_id,
    organization_id,
    campaign_id,
    created_by,
    updated_by,

    -- attributes
    name as form_name,
    is_active,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
