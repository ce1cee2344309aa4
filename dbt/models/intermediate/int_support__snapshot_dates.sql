{{ config(materialized='view', contract={'enforced': false}) }}

-- Days whose evenings are kept: each of the last 90, the Sundays of two years, and the ends of months before.
with status_changes as (
    select * from {{ ref('fct_ticket_status_changes') }}
),

spans as (
    select
        organization_id,
        min(changed_on) as first_on,
        max(changed_on) as last_on
    from status_changes
    group by organization_id
),

days as (
    select
        organization_id,
        last_on,
        unnest(generate_series(first_on, last_on, interval 1 day))::date as snapshot_on
    from spans
)

select
    organization_id,
    snapshot_on
from days
where
    snapshot_on > last_on - 90
    or (snapshot_on > (last_on - interval 2 year)::date and extract(isodow from snapshot_on) = 7)
    or (snapshot_on <= (last_on - interval 2 year)::date and snapshot_on = last_day(snapshot_on))
