with offsets as (
    select * from {{ source('operational', 'utc_offsets') }}
),

spans as (
    select
        timezone,
        from_at,
        offset_minutes,
        lag(offset_minutes) over (partition by timezone order by from_at) as minutes_before,
        lead(from_at) over (partition by timezone order by from_at) as until_at
    from offsets
),

-- A day of UTC belongs to the span it ends in: only the day on which clocks are changed has two offsets.
days as (
    select
        *,
        unnest(generate_series(
            from_at::date, coalesce(until_at::date - 1, date '2049-12-31'), interval 1 day
        ))::date as day_on
    from spans
)

select
    timezone,
    day_on,
    case when from_at::date = day_on then from_at else day_on::timestamp end as changes_at,
    coalesce(case when from_at::date = day_on then minutes_before end, offset_minutes) as minutes_before,
    offset_minutes as minutes_after
from days
