with days as (
    select unnest(generate_series(date '2000-01-01', date '2049-12-31', interval 1 day))::date as date_day
),

named as (
    select
        date_day,
        date_trunc('week', date_day)::date as week_on,
        date_trunc('month', date_day)::date as month_on,
        date_trunc('quarter', date_day)::date as quarter_on,
        date_trunc('year', date_day)::date as year_on,
        -- Whoever asks for an organization that begins its weeks or years elsewhere puts its own days here.
        date_trunc('week', date_day)::date as own_week_on,
        date_trunc('quarter', date_day)::date as own_quarter_on,
        date_trunc('year', date_day)::date as own_year_on
    from days
)

{{ fingerprinted('named') }}
order by date_day
