with source as (
    select * from {{ source('stripe', 'stripe_products') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('default_price') }} as default_price_id,

    -- attributes
    {{ told('name') }} as product,
    {{ told('type') }} as product_type,
    {{ told('unit_label') }} as unit,
    try_cast({{ told('active') }} as boolean) as is_active,

    -- times
    {{ told_moment('created') }} as created_at,
    {{ told_moment('updated') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
