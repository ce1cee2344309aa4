with products as (
    select * from {{ ref('stg_operational__products') }}
    where deleted_at is null
)

{{ fingerprinted('products') }}
order by organization_id, product_id
