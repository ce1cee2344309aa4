with source as (
    select * from {{ source('operational', 'price_book_entries') }}
)

select
    -- ids
    id as price_book_entry_id,
    organization_id,
    price_book_id,
    product_id,
    created_by,
    updated_by,

    -- attributes
    least_quantity,
    version,

    -- amounts
    unit_price,

    -- times
    valid_from,
    valid_until,
    created_at,
    updated_at,
    deleted_at
from source
