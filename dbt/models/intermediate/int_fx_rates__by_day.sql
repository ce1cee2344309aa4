-- A rate holds until the next one, for a month at most: what was worth so much a year ago may be worth anything now.
with rates as (
    select * from {{ ref('stg_operational__fx_rates') }}
    where deleted_at is null
),

organizations as (
    select * from {{ ref('stg_operational__organizations') }}
),

to_own_currency as (
    select
        rates.organization_id,
        rates.from_currency as currency,
        rates.rate,
        rates.valid_on,
        lead(rates.valid_on) over (
            partition by rates.organization_id, rates.from_currency
            order by rates.valid_on
        ) as next_on
    from rates
    inner join organizations
        on rates.organization_id = organizations.organization_id and rates.to_currency = organizations.currency
),

days_without as (
    select
        organization_id,
        currency,
        rate,
        unnest(generate_series(
            valid_on + 1, least(coalesce(next_on, valid_on + 31), valid_on + 31) - 1, interval 1 day
        ))::date as day_on
    from to_own_currency
    where next_on is null or next_on > valid_on + 1
)

select
    organization_id,
    currency,
    valid_on as day_on,
    rate
from to_own_currency
union all
select
    organization_id,
    currency,
    day_on,
    rate
from days_without
