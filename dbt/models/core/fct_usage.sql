with usage_events as (
    select * from {{ ref('stg_operational__usage_events') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

applications as (
    select * from {{ ref('dim_applications') }}
),

widened as (
    select
        usage_events.*,
        applications.application_name,
        customers.country as customer_country,
        customers.sector as customer_sector
    from usage_events
    left join customers
        on
            usage_events.customer_id = customers.customer_id
            and usage_events.organization_id = customers.organization_id
    left join applications
        on
            usage_events.application_id = applications.application_id
            and usage_events.organization_id = applications.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, used_on, usage_event_id
