with source as (
    select * from {{ source('stripe', 'stripe_charges') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('customer') }} as customer_id,
    {{ told('payment_intent') }} as payment_intent_id,

    -- attributes
    {{ told('status') }} as status,
    upper({{ told('currency') }}) as currency,
    {{ told('payment_method_details.type') }} as method,
    {{ told('payment_method_details.card.brand') }} as card_brand,
    {{ told('failure_code') }} as failure_code,
    try_cast({{ told('captured') }} as boolean) as is_captured,
    try_cast({{ told('refunded') }} as boolean) as is_refunded,
    try_cast({{ told('disputed') }} as boolean) as is_disputed,

    -- amounts
    {{ in_major_units(told('amount'), told('currency')) }} as amount,
    {{ in_major_units(told('amount_captured'), told('currency')) }} as amount_captured,
    {{ in_major_units(told('amount_refunded'), told('currency')) }} as amount_refunded,

    -- times
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
