with source as (
    select * from {{ source('operational', 'price_books') }}
)

select
    -- ids
    id as price_book_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    name as price_book_name,
    currency,
    is_standard,
    version,

    -- times
    valid_from,
    valid_until,
    created_at,
    updated_at,
    deleted_at
from source
