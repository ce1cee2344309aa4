-- Which snapshot is the first that can tell of a day.
with dates as (
    select * from {{ ref('dim_snapshot_dates') }}
)

select
    organization_id,
    snapshot_position,
    unnest(generate_series(covers_from, snapshot_on, interval 1 day))::date as day_on
from dates
