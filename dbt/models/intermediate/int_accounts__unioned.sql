-- Every company we may sell to, whichever system knows it.
with customers as (
    select * from {{ ref('stg_operational__customers') }}
),

companies as (
    select * from {{ ref('stg_hubspot__companies') }}
),

payers as (
    select * from {{ ref('stg_stripe__customers') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    customer_id::varchar as source_id,
    country,
    currency,
    created_at::timestamp as created_at,
    deleted_at is not null as is_deleted
from customers
union all by name
select
    {{ of_source('hubspot', 'companies') }},
    country,
    null::varchar as currency,
    created_at,
    is_deleted
from companies
union all by name
select
    {{ of_source('stripe', 'payers') }},
    country,
    currency,
    created_at,
    is_deleted
from payers
