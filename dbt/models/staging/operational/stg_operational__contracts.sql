with source as (
    select * from {{ source('operational', 'contracts') }}
)

select
    -- ids
    id as contract_id,
    organization_id,
    customer_id,
    opportunity_id,
    quote_id,
    sales_rep_id,
    created_by,
    updated_by,

    -- attributes
    number,
    status,
    currency,
    notice_days,
    renews_itself,
    version,

    -- amounts
    value as amount,

    -- times
    signed_on,
    starts_on,
    ends_on,
    created_at,
    updated_at,
    deleted_at
from source
