-- Every customer who has come by the last day is counted in it once.
with latest as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest
),

arrivals as (
    select
        organization_id,
        customer_id,
        case when bool_and(valid_from is not null) then min(valid_from) end as first_on
    from {{ ref('dim_customer_statuses') }}
    group by organization_id, customer_id
),

arrived as (
    select
        customers.organization_id,
        count(*) as customers
    from {{ ref('stg_operational__customers') }} as customers
    inner join arrivals
        on customers.customer_id = arrivals.customer_id and customers.organization_id = arrivals.organization_id
    inner join latest
        on
            customers.organization_id = latest.organization_id
            and coalesce(arrivals.first_on <= latest.snapshot_on, true)
    where customers.deleted_at is null
    group by customers.organization_id
),

counted as (
    select
        snapshots.organization_id,
        sum(snapshots.customers) as customers
    from {{ ref('fct_customer_snapshots') }} as snapshots
    inner join latest
        on snapshots.organization_id = latest.organization_id and snapshots.snapshot_on = latest.snapshot_on
    group by snapshots.organization_id
)

select
    coalesce(arrived.organization_id, counted.organization_id) as organization_id,
    null::uuid as record_id
from arrived
full outer join counted on arrived.organization_id = counted.organization_id
where arrived.customers is distinct from counted.customers
