-- Every subscription, whichever system bills it, in the state of ours that its own one is.
with subscriptions as (
    select * from {{ ref('stg_operational__subscriptions') }}
),

billed as (
    select * from {{ ref('stg_stripe__subscriptions') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    subscription_id::varchar as source_id,
    customer_id::varchar as account_source_id,
    status as source_state,
    status as state,
    currency,
    started_on,
    ended_on,
    deleted_at is not null as is_deleted
from subscriptions
union all by name
select
    {{ of_source('stripe', 'billed') }},
    customer_id as account_source_id,
    status as source_state,
    {{ our_state('stripe', 'subscription', 'billed', 'status') }} as state,
    currency,
    started_at::date as started_on,
    ended_at::date as ended_on,
    is_deleted
from billed
