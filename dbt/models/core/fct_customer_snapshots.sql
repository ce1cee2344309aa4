with statuses as (
    select * from {{ ref('dim_customer_statuses') }}
),

spans as (
    select * from statuses
    where not is_deleted
),

at_dates as (
    {{ at_snapshot_dates('spans') }}
),

counted as (
    select
        organization_id,
        status,
        customer_country,
        customer_sector,
        customer_type,
        snapshot_on,
        count(*) as customers
    from at_dates
    group by organization_id, status, customer_country, customer_sector, customer_type, snapshot_on
)

{{ fingerprinted('counted') }}
order by organization_id, snapshot_on, status, customer_country, customer_sector, customer_type
