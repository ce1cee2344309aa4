with source as (
    select * from {{ source('operational', 'quote_lines') }}
)

select
    -- ids
    id as quote_line_id,
    organization_id,
    quote_id,
    product_id,
    created_by,
    updated_by,

    -- attributes
    position,
    quantity,
    discount_percent,
    tax_percent,
    version,

    -- amounts
    unit_price,
    amount,
    tax_amount,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
