with source as (
    select * from {{ source('hubspot', 'hubspot_owners') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('userId') }} as user_id,

    -- attributes
    {{ told('type') }} as owner_type,

    -- times
    {{ told_moment('createdAt') }} as created_at,
    {{ told_moment('updatedAt') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
