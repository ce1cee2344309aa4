with source as (
    select * from {{ source('operational', 'invoices') }}
)

select
    -- ids
    id as invoice_id,
    organization_id,
    customer_id,
    subscription_id,
    contract_id,
    opportunity_id,
    created_by,
    updated_by,

    -- attributes
    number,
    status,
    currency,
    payment_terms_days,
    dunning_level,
    is_disputed,
    version,

    -- amounts
    subtotal,
    tax,
    total,
    amount_paid,
    amount_credited,

    -- times
    issued_on,
    due_on,
    paid_on,
    created_at,
    updated_at,
    deleted_at
from source
