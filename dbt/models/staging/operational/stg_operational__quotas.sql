with source as (
    select * from {{ source('operational', 'quotas') }}
)

select
    -- ids
    id as quota_id,
    organization_id,
    membership_id as member_id,
    territory_id,
    created_by,
    updated_by,

    -- attributes
    measure,
    currency,
    version,

    -- amounts
    amount,

    -- times
    starts_on,
    ends_on,
    created_at,
    updated_at,
    deleted_at
from source
