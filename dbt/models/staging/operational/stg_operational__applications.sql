with source as (
    select * from {{ source('operational', 'applications') }}
)

select
    -- ids
    id as application_id,
    organization_id,
    owner_id,
    created_by,
    updated_by,

    -- attributes
    name as application_name,
    status,
    deployment_url,
    derived_model_version,
    version,

    -- times
    derived_as_of,
    created_at,
    updated_at,
    deleted_at
from source
