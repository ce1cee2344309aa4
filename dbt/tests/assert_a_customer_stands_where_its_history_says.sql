-- A change that was noted for an earlier day than the one before it leaves the two apart: told, and no reason to hold
-- back anybody's numbers.
{{ config(meta={'gate': 'warn'}) }}

select
    customers.organization_id,
    customers.customer_id as record_id
from {{ ref('dim_customers') }} as customers
inner join {{ ref('dim_customer_statuses') }} as statuses
    on
        customers.customer_id = statuses.customer_id
        and customers.organization_id = statuses.organization_id
        and statuses.is_current
where customers.status <> statuses.status
