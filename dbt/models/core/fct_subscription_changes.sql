with changes as (
    select * from {{ ref('stg_operational__subscription_changes') }}
),

subscriptions as (
    select * from {{ ref('stg_operational__subscriptions') }}
    where deleted_at is null
),

customers as (
    select * from {{ ref('dim_customers') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

widened as (
    select
        changes.*,
        changes.monthly_value_change as amount,
        changes.monthly_value - changes.monthly_value_change as monthly_value_before,
        subscriptions.customer_id,
        subscriptions.product_id,
        customers.assigned_sales_rep_id as sales_rep_id,
        subscriptions.billing_period,
        subscriptions.currency,
        subscriptions.started_on,
        products.product_name,
        products.series as product_series,
        {{ about_customer('customers') }}
    from changes
    inner join subscriptions
        on
            changes.subscription_id = subscriptions.subscription_id
            and changes.organization_id = subscriptions.organization_id
    left join products
        on
            subscriptions.product_id = products.product_id
            and subscriptions.organization_id = products.organization_id
    left join customers
        on
            subscriptions.customer_id = customers.customer_id
            and subscriptions.organization_id = customers.organization_id
),

-- A subscription is worth what it was worth when it began: what it brought goes with it when it ends, and no movement
-- is a movement of currencies.
in_own_currency as (
    {{ converted('widened', day='started_on', amounts={
        'monthly_value': 'monthly_value_org', 'monthly_value_before': 'monthly_value_before_org',
    }) }}
),

-- The difference of what was rounded: so nothing is left of a subscription that ended.
differences as (
    select
        *,
        (monthly_value_org - monthly_value_before_org)::decimal(18, 4) as amount_org
    from in_own_currency
)

{{ fingerprinted('differences') }}
order by organization_id, changed_on, subscription_change_id
