-- Every payment, whichever system took it, in the state of ours that its own one is.
with payments as (
    select * from {{ ref('stg_operational__payments') }}
),

charges as (
    select * from {{ ref('stg_stripe__charges') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    payment_id::varchar as source_id,
    status as source_state,
    status as state,
    null::varchar as currency,
    amount,
    paid_on,
    deleted_at is not null as is_deleted
from payments
union all by name
select
    {{ of_source('stripe', 'charges') }},
    status as source_state,
    {{ our_state('stripe', 'payment', 'charges', 'status') }} as state,
    currency,
    amount,
    created_at::date as paid_on,
    is_deleted
from charges
