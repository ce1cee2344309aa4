-- All movements of a subscription add up to what it brings in a month now.
with movements as (
    select
        organization_id,
        subscription_id,
        sum(amount) as amount
    from {{ ref('fct_mrr_movements') }}
    group by organization_id, subscription_id
),

with_history as (
    select distinct
        organization_id,
        subscription_id
    from {{ ref('fct_subscription_changes') }}
)

select
    subscriptions.organization_id,
    subscriptions.subscription_id as record_id
from {{ ref('stg_operational__subscriptions') }} as subscriptions
inner join with_history
    on
        subscriptions.subscription_id = with_history.subscription_id
        and subscriptions.organization_id = with_history.organization_id
left join movements
    on
        subscriptions.subscription_id = movements.subscription_id
        and subscriptions.organization_id = movements.organization_id
where coalesce(movements.amount, 0) <> subscriptions.monthly_value
