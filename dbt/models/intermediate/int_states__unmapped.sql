-- Which states of outside systems nobody mapped to one of ours, and how many records that leaves without one.
with deals as (
    select * from {{ ref('int_deals__unioned') }}
),

tickets as (
    select * from {{ ref('int_tickets__unioned') }}
),

invoices as (
    select * from {{ ref('int_invoices__unioned') }}
),

payments as (
    select * from {{ ref('int_payments__unioned') }}
),

subscriptions as (
    select * from {{ ref('int_subscriptions__unioned') }}
),

states as (
    select
        organization_id,
        source_system,
        'deal' as entity,
        source_state
    from deals
    where state is null and source_state is not null
    union all
    select
        organization_id,
        source_system,
        'ticket' as entity,
        source_state
    from tickets
    where state is null and source_state is not null
    union all
    select
        organization_id,
        source_system,
        'invoice' as entity,
        source_state
    from invoices
    where state is null and source_state is not null
    union all
    select
        organization_id,
        source_system,
        'payment' as entity,
        source_state
    from payments
    where state is null and source_state is not null
    union all
    select
        organization_id,
        source_system,
        'subscription' as entity,
        source_state
    from subscriptions
    where state is null and source_state is not null
)

select
    organization_id,
    source_system,
    entity,
    source_state,
    count(*) as records
from states
group by organization_id, source_system, entity, source_state
