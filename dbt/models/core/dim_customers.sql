with customers as (
    select * from {{ ref('stg_operational__customers') }}
    where deleted_at is null
)

{{ fingerprinted('customers') }}
order by organization_id, customer_id
