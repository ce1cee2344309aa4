with source as (
    select * from {{ source('operational', 'campaigns') }}
)

select
    -- ids
    id as campaign_id,
    organization_id,
    owner_id,
    segment_id,
    created_by,
    updated_by,

    -- attributes
    name as campaign_name,
    campaign_type,
    status,
    channels,
    currency,
    own_fields,
    derived_model_version,
    version,

    -- amounts
    budget,

    -- times
    scheduled_start_on,
    scheduled_end_on,
    derived_as_of,
    created_at,
    updated_at,
    deleted_at
from source
