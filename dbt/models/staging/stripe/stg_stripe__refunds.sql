with source as (
    select * from {{ source('stripe', 'stripe_refunds') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('charge') }} as charge_id,

    -- attributes
    {{ told('status') }} as status,
    upper({{ told('currency') }}) as currency,
    {{ told('reason') }} as reason,

    -- amounts
    {{ in_major_units(told('amount'), told('currency')) }} as amount,

    -- times
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
