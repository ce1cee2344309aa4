with source as (
    select * from {{ source('operational', 'quotes') }}
)

select
    -- ids
    id as quote_id,
    organization_id,
    revision_of_id,
    opportunity_id,
    customer_id,
    sales_rep_id,
    price_book_id,
    created_by,
    updated_by,

    -- attributes
    number,
    revision,
    status,
    currency,
    version,

    -- amounts
    subtotal,
    tax,
    total,

    -- times
    issued_on,
    valid_until,
    closed_on,
    created_at,
    updated_at,
    deleted_at
from source
