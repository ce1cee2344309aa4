with source as (
    select * from {{ source('operational', 'subscriptions') }}
)

select
    -- ids
    id as subscription_id,
    organization_id,
    customer_id,
    product_id,
    contract_id,
    opportunity_id,
    created_by,
    updated_by,

    -- attributes
    status,
    billing_period,
    quantity,
    currency,
    version,

    -- amounts
    unit_price,
    monthly_value,

    -- times
    started_on,
    renews_on,
    ended_on,
    created_at,
    updated_at,
    deleted_at
from source
