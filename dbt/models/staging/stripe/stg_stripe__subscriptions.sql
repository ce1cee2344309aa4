with source as (
    select * from {{ source('stripe', 'stripe_subscriptions') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('customer') }} as customer_id,
    {{ told('latest_invoice') }} as latest_invoice_id,

    -- attributes
    {{ told('status') }} as status,
    upper({{ told('currency') }}) as currency,
    {{ told('collection_method') }} as collection_method,
    {{ told('cancellation_details.reason') }} as cancellation_reason,
    try_cast({{ told('cancel_at_period_end') }} as boolean) as is_ending,
    payload -> '$.items.data' as items,
    try_cast({{ told('items.has_more') }} as boolean) as has_more_items,

    -- times
    {{ told_moment('start_date') }} as started_at,
    {{ told_moment('trial_end') }} as trial_ends_at,
    {{ told_moment('canceled_at') }} as canceled_at,
    {{ told_moment('ended_at') }} as ended_at,
    {{ told_moment('created') }} as created_at,
    fetched_at,
    deleted as is_deleted
from source
