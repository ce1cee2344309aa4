with changes as (
    select * from {{ ref('fct_subscription_changes') }}
    where amount <> 0
),

-- Within a day what comes is counted before what goes: changing from one product to another is no departure.
counted as (
    select
        *,
        sum(
            case when monthly_value > 0 then 1 else 0 end - case when monthly_value > amount then 1 else 0 end
        ) over history as paying_after,
        coalesce(sum(case when amount > 0 then 1 else 0 end) over earlier, 0) as gains_before
    from changes
    window
        history as (
            partition by organization_id, customer_id
            order by changed_on, amount < 0, recorded_at, subscription_change_id
            rows between unbounded preceding and current row
        ),
        earlier as (
            partition by organization_id, customer_id
            order by changed_on, amount < 0, recorded_at, subscription_change_id
            rows between unbounded preceding and 1 preceding
        )
),

compared as (
    select
        *,
        paying_after
        - case when monthly_value > 0 then 1 else 0 end
        + case when monthly_value > amount then 1 else 0 end as paying_before
    from counted
),

classified as (
    select
        *,
        case
            when amount > 0 and gains_before = 0 then 'new'
            when amount > 0 and paying_before <= 0 then 'reactivation'
            when amount > 0 then 'expansion'
            when paying_after <= 0 then 'churn'
            else 'contraction'
        end as movement
    from compared
)

{{ fingerprinted('classified') }}
order by organization_id, changed_on, subscription_change_id
