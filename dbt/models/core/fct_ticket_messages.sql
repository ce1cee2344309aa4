with messages as (
    select * from {{ ref('stg_operational__ticket_messages') }}
    where deleted_at is null
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

of_living_tickets as (
    select
        messages.*,
        tickets.customer_id,
        tickets.category as ticket_category,
        tickets.priority as ticket_priority
    from messages
    inner join tickets
        on
            messages.ticket_id = tickets.ticket_id
            and messages.organization_id = tickets.organization_id
)

{{ fingerprinted('of_living_tickets') }}
order by organization_id, sent_at, ticket_message_id
