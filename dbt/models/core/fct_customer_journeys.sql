with customers as (
    select * from {{ ref('dim_customers') }}
),

statuses as (
    select * from {{ ref('dim_customer_statuses') }}
    where not is_deleted
),

reached as (
    select
        organization_id,
        customer_id,
        min(valid_from) filter (where status = 'lead' and from_status is null) as lead_on,
        min(valid_from) filter (where status = 'prospect') as qualified_on,
        min(valid_from) filter (where status = 'customer') as became_customer_on,
        max(valid_from) filter (where status = 'churned' and is_current) as churned_on
    from statuses
    group by organization_id, customer_id
),

widened as (
    select
        reached.*,
        customers.assigned_sales_rep_id as sales_rep_id,
        customers.acquisition_source,
        {{ about_customer('customers') }},
        reached.lead_on is not null and reached.became_customer_on is not null as is_converted,
        reached.became_customer_on is not null and reached.churned_on is null as is_retained
    from reached
    inner join customers
        on reached.customer_id = customers.customer_id and reached.organization_id = customers.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, lead_on, customer_id
