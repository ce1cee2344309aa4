with status_changes as (
    select * from {{ ref('stg_operational__ticket_status_changes') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

of_living_tickets as (
    select
        status_changes.*,
        tickets.customer_id,
        tickets.assigned_agent_id,
        tickets.category as ticket_category,
        tickets.priority as ticket_priority,
        {{ is_open_ticket('status_changes.to_status') }} as is_open,
        -- By when it happened, not by when it became known: word of a change may come late.
        -- The beginning is first whatever its moment: tickets are opened for yesterday, too.
        row_number() over (
            partition by status_changes.organization_id, status_changes.ticket_id
            order by
                status_changes.from_status is not null,
                status_changes.changed_at,
                status_changes.recorded_at,
                status_changes.status_change_id
        )::integer as step
    from status_changes
    inner join tickets
        on
            status_changes.ticket_id = tickets.ticket_id
            and status_changes.organization_id = tickets.organization_id
),

until_the_next as (
    select
        *,
        lead(changed_at) over (partition by organization_id, ticket_id order by step) as left_at,
        lead(changed_on) over (partition by organization_id, ticket_id order by step) as left_on
    from of_living_tickets
),

timed as (
    select
        *,
        {{ minutes_between('changed_at', 'left_at') }} as minutes_in_status
    from until_the_next
)

{{ fingerprinted('timed') }}
order by organization_id, changed_at, status_change_id
