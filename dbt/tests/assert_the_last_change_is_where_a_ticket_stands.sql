-- The last status in a ticket's history is the status it stands in.
with last_steps as (
    select
        organization_id,
        ticket_id,
        max_by(to_status, step) as status
    from {{ ref('fct_ticket_status_changes') }}
    group by organization_id, ticket_id
)

select
    tickets.organization_id,
    tickets.ticket_id as record_id
from {{ ref('fct_tickets') }} as tickets
left join last_steps
    on
        tickets.ticket_id = last_steps.ticket_id
        and tickets.organization_id = last_steps.organization_id
where tickets.status is distinct from last_steps.status
