with source as (
    select * from {{ source('operational', 'invoice_lines') }}
)

select
    -- ids
    id as invoice_line_id,
    organization_id,
    invoice_id,
    product_id,
    subscription_id,
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
    service_from,
    service_until,
    created_at,
    updated_at,
    deleted_at
from source
