with source as (
    select * from {{ source('operational', 'fx_rates') }}
)

select
    -- ids
    id as fx_rate_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    from_currency,
    to_currency,
    rate,
    source,
    version,

    -- times
    valid_on,
    fetched_at,
    created_at,
    updated_at,
    deleted_at
from source
