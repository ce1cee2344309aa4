with source as (
    select * from {{ source('operational', 'business_hours') }}
)

select
    -- ids
    id as business_hours_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    name as business_hours_name,
    timezone,
    week,
    holidays,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
