with snapshot_dates as (
    select * from {{ ref('dim_snapshot_dates') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

-- Spans of days at whose end a ticket stood open. What was left again on the same day was never open at an end of a
-- day, and most changes are like that: they fall away before the days are looked at.
open_spans as (
    select
        organization_id,
        ticket_id,
        to_status as status,
        changed_on as from_on,
        coalesce(left_on, date '9999-12-31') as until_on
    from {{ ref('fct_ticket_status_changes') }}
    where is_open and (left_at is null or left_on > changed_on)
),

open_then as (
    select
        open_spans.organization_id,
        open_spans.ticket_id,
        open_spans.status,
        snapshot_dates.snapshot_on
    from open_spans
    inner join snapshot_dates
        on
            open_spans.organization_id = snapshot_dates.organization_id
            and open_spans.from_on <= snapshot_dates.snapshot_on
            and open_spans.until_on > snapshot_dates.snapshot_on
),

widened as (
    select
        {{ made_key(['open_then.ticket_id', 'open_then.snapshot_on']) }} as backlog_snapshot_id,
        open_then.organization_id,
        open_then.ticket_id,
        tickets.customer_id,
        tickets.assigned_agent_id,
        open_then.status,
        tickets.priority,
        tickets.category,
        tickets.channel,
        tickets.customer_country,
        tickets.customer_sector,
        (open_then.snapshot_on - tickets.opened_on)::integer as age_days,
        open_then.snapshot_on,
        tickets.opened_on
    from open_then
    inner join tickets
        on
            open_then.ticket_id = tickets.ticket_id
            and open_then.organization_id = tickets.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, snapshot_on, backlog_snapshot_id
