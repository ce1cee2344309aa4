with source as (
    select * from {{ source('stripe', 'stripe_prices') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('product') }} as product_id,

    -- attributes
    try_cast({{ told('active') }} as boolean) as is_active,
    upper({{ told('currency') }}) as currency,
    {{ told('billing_scheme') }} as billing_scheme,
    {{ told('type') }} as price_type,
    {{ told('recurring.interval') }} as billing_interval,
    try_cast({{ told('recurring.interval_count') }} as bigint) as billing_intervals,

    -- amounts
    {{ in_major_units(told('unit_amount_decimal'), told('currency')) }} as unit_amount,

    -- times
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
