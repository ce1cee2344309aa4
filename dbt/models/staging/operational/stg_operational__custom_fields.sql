with source as (
    select * from {{ source('operational', 'custom_fields') }}
)

select
    -- ids
    id as custom_field_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    entity,
    key as field_key,
    label,
    kind,
    privacy,
    position,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
