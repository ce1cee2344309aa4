with source as (
    select * from {{ source('operational', 'opportunity_line_items') }}
)

select
    -- ids
    id as line_item_id,
    organization_id,
    opportunity_id,
    product_id,
    created_by,
    updated_by,

    -- attributes
    position,
    version,

    -- amounts
    quantity,
    unit_price,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
