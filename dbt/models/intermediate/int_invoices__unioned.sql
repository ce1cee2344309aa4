-- Every bill, whichever system wrote it, in the state of ours that its own one is.
with invoices as (
    select * from {{ ref('stg_operational__invoices') }}
),

bills as (
    select * from {{ ref('stg_stripe__invoices') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    invoice_id::varchar as source_id,
    customer_id::varchar as account_source_id,
    status as source_state,
    status as state,
    currency,
    total,
    amount_paid,
    issued_on,
    due_on,
    deleted_at is not null as is_deleted
from invoices
union all by name
select
    {{ of_source('stripe', 'bills') }},
    customer_id as account_source_id,
    status as source_state,
    {{ our_state('stripe', 'invoice', 'bills', 'status') }} as state,
    currency,
    total,
    amount_paid,
    coalesce(finalized_at, created_at)::date as issued_on,
    due_at::date as due_on,
    is_deleted
from bills
