-- What runs on the last day is what all movements until then add up to, in each currency and in the organization's own.
with latest as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest
),

movements as (
    select
        movements.organization_id,
        movements.currency,
        sum(movements.amount) as amount,
        sum(movements.amount_org) as amount_org
    from {{ ref('fct_mrr_movements') }} as movements
    inner join latest
        on movements.organization_id = latest.organization_id and movements.changed_on <= latest.snapshot_on
    group by movements.organization_id, movements.currency
),

snapshots as (
    select
        snapshots.organization_id,
        snapshots.currency,
        sum(snapshots.amount) as amount,
        sum(snapshots.amount_org) as amount_org
    from {{ ref('fct_mrr_snapshots') }} as snapshots
    inner join latest
        on snapshots.organization_id = latest.organization_id and snapshots.snapshot_on = latest.snapshot_on
    group by snapshots.organization_id, snapshots.currency
)

select
    coalesce(movements.organization_id, snapshots.organization_id) as organization_id,
    null::uuid as record_id
from movements
full outer join snapshots
    on movements.organization_id = snapshots.organization_id and movements.currency = snapshots.currency
where
    coalesce(movements.amount, 0) <> coalesce(snapshots.amount, 0)
    or coalesce(movements.amount_org, 0) <> coalesce(snapshots.amount_org, 0)
