with changes as (
    select * from {{ ref('fct_subscription_changes') }}
    where amount_org <> 0
),

customers as (
    select * from {{ ref('dim_customers') }}
),

dates as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest or snapshot_on = last_day(snapshot_on)
),

days as (
    select
        organization_id,
        customer_id,
        changed_on as valid_from,
        sum(amount_org) as amount_org
    from changes
    group by organization_id, customer_id, changed_on
),

spans as (
    select
        organization_id,
        customer_id,
        valid_from,
        lead(valid_from) over (partition by organization_id, customer_id order by valid_from) as valid_to,
        sum(amount_org) over (partition by organization_id, customer_id order by valid_from) as amount_org
    from days
),

a_year_before as (
    select
        spans.organization_id,
        spans.customer_id,
        spans.amount_org,
        dates.snapshot_on
    from spans
    inner join dates
        on
            spans.organization_id = dates.organization_id
            and spans.valid_from <= (dates.snapshot_on - interval 12 month)::date
            and coalesce(spans.valid_to > (dates.snapshot_on - interval 12 month)::date, true)
    where spans.amount_org > 0
),

that_day as (
    select
        spans.organization_id,
        spans.customer_id,
        spans.amount_org,
        dates.snapshot_on
    from spans
    inner join dates
        on
            spans.organization_id = dates.organization_id
            and spans.valid_from <= dates.snapshot_on
            and coalesce(spans.valid_to > dates.snapshot_on, true)
),

compared as (
    select
        {{ made_key(['a_year_before.customer_id', 'a_year_before.snapshot_on']) }} as revenue_retention_id,
        a_year_before.organization_id,
        a_year_before.customer_id,
        {{ about_customer('customers') }},
        a_year_before.amount_org::decimal(18, 4) as before_amount_org,
        coalesce(that_day.amount_org, 0)::decimal(18, 4) as amount_org,
        least(a_year_before.amount_org, coalesce(that_day.amount_org, 0))::decimal(18, 4) as kept_amount_org,
        a_year_before.snapshot_on
    from a_year_before
    left join that_day
        on
            a_year_before.customer_id = that_day.customer_id
            and a_year_before.organization_id = that_day.organization_id
            and a_year_before.snapshot_on = that_day.snapshot_on
    left join customers
        on
            a_year_before.customer_id = customers.customer_id
            and a_year_before.organization_id = customers.organization_id
)

{{ fingerprinted('compared') }}
order by organization_id, snapshot_on, revenue_retention_id
