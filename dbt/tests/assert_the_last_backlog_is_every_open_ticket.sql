-- On the last day that is kept, the backlog is the tickets that are open, each once and where it stands.
with last_days as (
    select
        organization_id,
        max(snapshot_on) as snapshot_on
    from {{ ref('dim_snapshot_dates') }}
    group by organization_id
),

backlog as (
    select
        snapshots.organization_id,
        snapshots.ticket_id,
        snapshots.status
    from {{ ref('fct_backlog_snapshots') }} as snapshots
    inner join last_days
        on
            snapshots.organization_id = last_days.organization_id
            and snapshots.snapshot_on = last_days.snapshot_on
),

open_tickets as (
    select
        organization_id,
        ticket_id,
        status
    from {{ ref('fct_tickets') }}
    where is_open
)

select
    coalesce(backlog.organization_id, open_tickets.organization_id) as organization_id,
    coalesce(backlog.ticket_id, open_tickets.ticket_id) as record_id
from backlog
full outer join open_tickets
    on
        backlog.ticket_id = open_tickets.ticket_id
        and backlog.organization_id = open_tickets.organization_id
where backlog.status is distinct from open_tickets.status
