with source as (
    select * from {{ source('operational', 'segments') }}
)

select
    -- ids
    id as segment_id,
    organization_id,
    owner_id,
    created_by,
    updated_by,

    -- attributes
    name as segment_name,
    is_active,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
