with statuses as (
    select * from {{ ref('dim_customer_statuses') }}
),

customers as (
    select * from {{ ref('stg_operational__customers') }}
    where deleted_at is null
),

spans as (
    select
        statuses.organization_id,
        statuses.status,
        statuses.customer_country,
        statuses.customer_type,
        statuses.valid_from,
        statuses.valid_to
    from statuses
    inner join customers
        on statuses.customer_id = customers.customer_id and statuses.organization_id = customers.organization_id
),

at_dates as (
    {{ at_snapshot_dates('spans') }}
),

counted as (
    select
        organization_id,
        status,
        customer_country,
        customer_type,
        snapshot_on,
        count(*) as customers
    from at_dates
    group by organization_id, status, customer_country, customer_type, snapshot_on
)

{{ fingerprinted('counted') }}
order by organization_id, snapshot_on, status, customer_country, customer_type
