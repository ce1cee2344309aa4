with source as (
    select * from {{ source('operational', 'products') }}
)

select
    -- ids
    id as product_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    name as product_name,
    series,
    currency,
    is_active,
    version,

    -- amounts
    list_price,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
