with source as (
    select * from {{ source('operational', 'campaign_members') }}
)

select
    -- ids
    id as campaign_member_id,
    organization_id,
    campaign_id,
    customer_id,
    contact_id,
    created_by,
    updated_by,

    -- attributes
    is_control,
    version,

    -- times
    added_on,
    created_at,
    updated_at,
    deleted_at
from source
