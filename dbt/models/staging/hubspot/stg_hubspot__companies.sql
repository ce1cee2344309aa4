with source as (
    select * from {{ source('hubspot', 'hubspot_companies') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('properties.hubspot_owner_id') }} as owner_id,

    -- attributes
    {{ told('properties.country') }} as country,
    {{ told('properties.industry') }} as industry,
    {{ told('properties.lifecyclestage') }} as lifecycle_stage,
    {{ told('properties.type') }} as company_type,
    try_cast({{ told('properties.numberofemployees') }} as bigint) as employees,

    -- amounts
    try_cast({{ told('properties.annualrevenue') }} as decimal(18, 4)) as annual_revenue,

    -- times
    {{ told_moment('createdAt') }} as created_at,
    {{ told_moment('updatedAt') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
