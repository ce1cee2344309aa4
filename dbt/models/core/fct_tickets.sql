with tickets as (
    select * from {{ ref('stg_operational__tickets') }}
    where deleted_at is null
),

status_changes as (
    select * from {{ ref('stg_operational__ticket_status_changes') }}
),

messages as (
    select * from {{ ref('stg_operational__ticket_messages') }}
    where deleted_at is null
),

escalations as (
    select * from {{ ref('stg_operational__ticket_escalations') }}
),

answers as (
    select * from {{ ref('stg_operational__satisfaction_responses') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

histories as (
    select
        organization_id,
        ticket_id,
        bool_or(not {{ is_open_ticket('from_status') }} and {{ is_open_ticket('to_status') }}) as was_opened_again,
        bool_or(to_status = 'escalated') as was_escalated,
        max(changed_at) as last_at
    from status_changes
    group by organization_id, ticket_id
),

conversations as (
    select
        organization_id,
        ticket_id,
        count(*)::integer as messages,
        min(case when author = 'agent' and not is_internal then sent_at end) as first_replied_at,
        max(sent_at) as last_at
    from messages
    group by organization_id, ticket_id
),

hand_overs as (
    select
        organization_id,
        ticket_id,
        max(level) as escalation_level
    from escalations
    group by organization_id, ticket_id
),

last_answers as (
    select
        organization_id,
        ticket_id,
        score,
        answered_on
    from answers
    qualify row_number() over (
        partition by organization_id, ticket_id
        order by answered_at desc, recorded_at desc, satisfaction_response_id desc
    ) = 1
),

followed as (
    select
        tickets.*,
        histories.last_at as last_changed_at,
        conversations.last_at as last_said_at,
        hand_overs.escalation_level,
        last_answers.answered_on as satisfaction_answered_on,
        customers.country as customer_country,
        customers.sector as customer_sector,
        {{ is_open_ticket('tickets.status') }} as is_open,
        coalesce(histories.was_opened_again, false) as is_reopened,
        coalesce(histories.was_escalated, false) or hand_overs.escalation_level is not null as is_escalated,
        coalesce(conversations.messages, 0) as messages,
        coalesce(last_answers.score, tickets.customer_satisfaction) as satisfaction,
        -- A message can be older than the ticket it was filed under.
        case
            when tickets.first_replied_at is not null then tickets.first_replied_at
            when conversations.first_replied_at is not null
                then greatest(conversations.first_replied_at, tickets.opened_at)
        end as replied_at
    from tickets
    left join histories
        on
            tickets.ticket_id = histories.ticket_id
            and tickets.organization_id = histories.organization_id
    left join conversations
        on
            tickets.ticket_id = conversations.ticket_id
            and tickets.organization_id = conversations.organization_id
    left join hand_overs
        on
            tickets.ticket_id = hand_overs.ticket_id
            and tickets.organization_id = hand_overs.organization_id
    left join last_answers
        on
            tickets.ticket_id = last_answers.ticket_id
            and tickets.organization_id = last_answers.organization_id
    left join customers
        on
            tickets.customer_id = customers.customer_id
            and tickets.organization_id = customers.organization_id
),

-- How far each organization's tickets are told: a promise whose time is over by then was not kept.
told as (
    select
        organization_id,
        greatest(max(opened_at), max(last_changed_at), max(last_said_at)) as told_until
    from followed
    group by organization_id
),

timed as (
    select
        followed.ticket_id,
        followed.organization_id,
        followed.customer_id,
        followed.contact_id,
        followed.assigned_agent_id,
        followed.sla_policy_id,
        followed.ticket_number,
        followed.status,
        followed.priority,
        followed.category,
        followed.channel,
        followed.language,
        followed.customer_country,
        followed.customer_sector,
        followed.is_open,
        followed.is_reopened,
        followed.is_escalated,
        followed.escalation_level,
        followed.messages,
        followed.satisfaction,
        followed.own_fields,
        {{ minutes_between('followed.opened_at', 'followed.replied_at') }} as first_reply_minutes,
        {{ minutes_between('followed.opened_at', 'followed.resolved_at') }} as resolution_minutes,
        case
            when followed.replied_at <= followed.first_reply_due_at then true
            when
                coalesce(followed.replied_at, followed.resolved_at, told.told_until) > followed.first_reply_due_at
                then false
        end as is_first_reply_met,
        case
            when followed.resolved_at <= followed.resolution_due_at then true
            when coalesce(followed.resolved_at, told.told_until) > followed.resolution_due_at then false
        end as is_resolution_met,
        followed.opened_on,
        followed.resolved_on,
        followed.closed_on,
        followed.satisfaction_answered_on,
        followed.opened_at,
        followed.replied_at as first_replied_at,
        followed.first_reply_due_at,
        followed.resolved_at,
        followed.resolution_due_at,
        followed.closed_at
    from followed
    left join told on followed.organization_id = told.organization_id
)

{{ fingerprinted('timed') }}
order by organization_id, opened_at, ticket_id
