-- One CTE per room, all of one shape; a room more is a CTE and a `union all` more.
with customers_room as (
    select
        organization_id,
        customer_id,
        coalesce(changed_on::timestamp, recorded_at) as happened_at,
        'customers' as room,
        'became_' || to_status as kind,
        'customers' as entity,
        customer_id as record_id,
        status_change_id as source_id,
        null::decimal(18, 4) as amount,
        null::varchar as currency
    from {{ ref('stg_operational__customer_status_changes') }}
),

sales_room as (
    select
        steps.organization_id,
        deals.customer_id,
        coalesce(steps.changed_on::timestamp, steps.recorded_at) as happened_at,
        'sales' as room,
        case
            when stages.is_won then 'deal_won'
            when stages.is_lost then 'deal_lost'
            when steps.step = 1 then 'deal_opened'
            else 'deal_moved'
        end as kind,
        'opportunities' as entity,
        steps.opportunity_id as record_id,
        steps.stage_change_id as source_id,
        deals.amount,
        deals.currency
    from {{ ref('fct_opportunity_stage_changes') }} as steps
    inner join {{ ref('fct_opportunities') }} as deals
        on
            steps.opportunity_id = deals.opportunity_id
            and steps.organization_id = deals.organization_id
    left join {{ ref('dim_stages') }} as stages on steps.to_stage = stages.stage
),

offers as (
    select
        *,
        'offer_sent' as told,
        issued_on as told_on
    from {{ ref('fct_quotes') }}
    where status not in ('draft', 'in_review', 'approved')
    union all
    select
        *,
        'offer_' || status as told,
        closed_on as told_on
    from {{ ref('fct_quotes') }}
    where status in ('accepted', 'declined', 'expired')
),

quotes_room as (
    select
        organization_id,
        customer_id,
        told_on::timestamp as happened_at,
        'quotes' as room,
        told as kind,
        'quotes' as entity,
        quote_id as record_id,
        quote_id as source_id,
        amount,
        currency
    from offers
    where told_on is not null
),

bills as (
    select
        *,
        'bill_issued' as told,
        issued_on as told_on
    from {{ ref('fct_invoices') }}
    where is_issued
    union all
    select
        *,
        'bill_paid' as told,
        paid_on as told_on
    from {{ ref('fct_invoices') }}
),

bills_room as (
    select
        organization_id,
        customer_id,
        told_on::timestamp as happened_at,
        'billing' as room,
        told as kind,
        'invoices' as entity,
        invoice_id as record_id,
        invoice_id as source_id,
        amount,
        currency
    from bills
    where told_on is not null
),

subscriptions_room as (
    select
        organization_id,
        customer_id,
        changed_on::timestamp as happened_at,
        'billing' as room,
        'subscription_' || kind as kind,
        'subscriptions' as entity,
        subscription_id as record_id,
        subscription_change_id as source_id,
        amount,
        currency
    from {{ ref('fct_subscription_changes') }}
),

marketing_room as (
    select
        organization_id,
        customer_id,
        happened_at,
        'marketing' as room,
        kind,
        'interactions' as entity,
        interaction_id as record_id,
        interaction_id as source_id,
        null::decimal(18, 4) as amount,
        null::varchar as currency
    from {{ ref('fct_interactions') }}
    where not is_machine
),

support_steps as (
    select
        *,
        case
            when step = 1 then 'ticket_opened'
            when {{ is_open_ticket('from_status') }} and not is_open then 'ticket_resolved'
            when not {{ is_open_ticket('from_status') }} and is_open then 'ticket_reopened'
        end as kind
    from {{ ref('fct_ticket_status_changes') }}
),

support_room as (
    select
        organization_id,
        customer_id,
        changed_at as happened_at,
        'support' as room,
        kind,
        'tickets' as entity,
        ticket_id as record_id,
        status_change_id as source_id,
        null::decimal(18, 4) as amount,
        null::varchar as currency
    from support_steps
    where kind is not null
),

usage_room as (
    select
        organization_id,
        customer_id,
        used_on::timestamp as happened_at,
        'usage' as room,
        'used' as kind,
        'usage_events' as entity,
        min(usage_event_id) as record_id,
        min(usage_event_id) as source_id,
        null::decimal(18, 4) as amount,
        null::varchar as currency
    from {{ ref('fct_usage') }}
    group by organization_id, customer_id, used_on
),

rooms as (
    select * from customers_room
    union all
    select * from sales_room
    union all
    select * from quotes_room
    union all
    select * from bills_room
    union all
    select * from subscriptions_room
    union all
    select * from marketing_room
    union all
    select * from support_room
    union all
    select * from usage_room
),

of_customers as (
    select
        {{ made_key(['entity', 'kind', 'source_id']) }} as event_id,
        organization_id,
        customer_id,
        happened_at,
        room,
        kind,
        entity,
        record_id,
        amount,
        currency
    from rooms
    where customer_id is not null
)

{{ fingerprinted('of_customers') }}
order by organization_id, customer_id, happened_at, event_id
