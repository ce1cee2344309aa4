with source as (
    select * from {{ source('hubspot', 'hubspot_deals') }}
)

select
    -- ids
    {{ of_vendor() }},
    {{ told('properties.hs_primary_associated_company') }} as company_id,
    {{ told('properties.hubspot_owner_id') }} as owner_id,

    -- attributes
    {{ told('properties.dealstage') }} as stage,
    {{ told('properties.pipeline') }} as pipeline,
    {{ told('properties.dealtype') }} as deal_type,
    upper({{ told('properties.deal_currency_code') }}) as currency,
    try_cast({{ told('properties.hs_is_closed') }} as boolean) as is_closed,
    try_cast({{ told('properties.hs_is_closed_won') }} as boolean) as is_won,

    -- amounts
    try_cast({{ told('properties.amount') }} as decimal(18, 4)) as amount,
    try_cast({{ told('properties.hs_deal_stage_probability') }} as decimal(18, 4)) as probability,

    -- times
    {{ told_moment('properties.closedate') }} as closes_at,
    {{ told_moment('createdAt') }} as created_at,
    {{ told_moment('updatedAt') }} as updated_at,
    fetched_at,
    deleted as is_deleted
from source
