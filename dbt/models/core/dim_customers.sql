with customers as (
    select
        *,
        deleted_at is not null as is_deleted
    from {{ ref('stg_operational__customers') }}
)

{{ fingerprinted('customers') }}
order by organization_id, customer_id
