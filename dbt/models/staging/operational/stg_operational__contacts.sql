with source as (
    select * from {{ source('operational', 'contacts') }}
)

select
    -- ids
    id as contact_id,
    organization_id,
    customer_id,
    created_by,
    updated_by,

    -- attributes
    is_primary,
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
