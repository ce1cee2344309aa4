with changes as (
    select * from {{ ref('fct_subscription_changes') }}
    where amount <> 0
),

-- Values are sums of changes by their own days, so that a change that came in late counts from its day on.
days as (
    select
        organization_id,
        subscription_id,
        product_id,
        product_name,
        product_series,
        customer_country,
        customer_sector,
        customer_type,
        currency,
        is_rate_missing,
        changed_on as valid_from,
        sum(amount) as amount,
        sum(amount_org) as amount_org
    from changes
    group by
        organization_id,
        subscription_id,
        product_id,
        product_name,
        product_series,
        customer_country,
        customer_sector,
        customer_type,
        currency,
        is_rate_missing,
        changed_on
),

values_since as (
    select
        organization_id,
        product_id,
        product_name,
        product_series,
        customer_country,
        customer_sector,
        customer_type,
        currency,
        is_rate_missing,
        valid_from,
        lead(valid_from) over (partition by organization_id, subscription_id order by valid_from) as valid_to,
        sum(amount) over (partition by organization_id, subscription_id order by valid_from) as amount,
        sum(amount_org) over (partition by organization_id, subscription_id order by valid_from) as amount_org
    from days
),

spans as (
    select * from values_since
    where amount <> 0
),

at_dates as (
    {{ at_snapshot_dates('spans') }}
),

summed as (
    select
        organization_id,
        product_id,
        product_name,
        product_series,
        customer_country,
        customer_sector,
        customer_type,
        currency,
        is_rate_missing,
        snapshot_on,
        count(*) as subscriptions,
        sum(amount)::decimal(38, 4) as amount,
        sum(amount_org)::decimal(38, 4) as amount_org
    from at_dates
    group by
        organization_id,
        product_id,
        product_name,
        product_series,
        customer_country,
        customer_sector,
        customer_type,
        currency,
        is_rate_missing,
        snapshot_on
)

{{ fingerprinted('summed') }}
order by organization_id, snapshot_on, product_id, currency, customer_country, customer_sector, customer_type
