with source as (
    select * from {{ source('operational', 'territories') }}
)

select
    -- ids
    id as territory_id,
    organization_id,
    parent_territory_id,
    lead_id,
    created_by,
    updated_by,

    -- attributes
    name as territory_name,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
