-- Mondays with a quarter of history before them, of two years at most.
with horizons as (
    select * from {{ ref('int_learning_horizons') }}
),

days as (
    select
        organization_id,
        unnest(generate_series(
            date_trunc('week', greatest(known_from + 91, known_until - 730)) + interval 7 day,
            known_until::timestamp,
            interval 7 day
        ))::date as snapshot_on
    from horizons
)

select
    organization_id,
    snapshot_on
from days
