with products as (
    select
        *,
        deleted_at is not null as is_deleted
    from {{ ref('stg_operational__products') }}
)

{{ fingerprinted('products') }}
order by organization_id, product_id
