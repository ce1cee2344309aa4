with source as (
    select * from {{ source('stripe', 'stripe_invoices') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('customer') }} as customer_id,
    {{ told('parent.subscription_details.subscription') }} as subscription_id,

    -- attributes
    {{ told('status') }} as status,
    {{ told('number') }} as number,
    upper({{ told('currency') }}) as currency,
    {{ told('billing_reason') }} as billing_reason,
    payload -> '$.lines.data' as lines,
    try_cast({{ told('lines.has_more') }} as boolean) as has_more_lines,

    -- amounts
    {{ in_major_units(told('subtotal'), told('currency')) }} as subtotal,
    {{ in_major_units(told('total'), told('currency')) }} as total,
    {{ in_major_units(told('amount_due'), told('currency')) }} as amount_due,
    {{ in_major_units(told('amount_paid'), told('currency')) }} as amount_paid,
    {{ in_major_units(told('amount_remaining'), told('currency')) }} as amount_remaining,

    -- times
    {{ told_moment('due_date') }} as due_at,
    {{ told_moment('status_transitions.finalized_at') }} as finalized_at,
    {{ told_moment('status_transitions.paid_at') }} as paid_at,
    {{ told_moment('status_transitions.voided_at') }} as voided_at,
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
