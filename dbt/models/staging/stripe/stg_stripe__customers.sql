with source as (
    select * from {{ source('stripe', 'stripe_customers') }}
)

select
    -- ids
    {{ of_vendor() }},

    -- attributes
    {{ told('address.country') }} as country,
    upper({{ told('currency') }}) as currency,
    try_cast({{ told('delinquent') }} as boolean) as is_delinquent,
    {{ told('tax_exempt') }} as tax_exempt,

    -- amounts
    {{ in_major_units(told('balance'), told('currency')) }} as balance,

    -- times
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
