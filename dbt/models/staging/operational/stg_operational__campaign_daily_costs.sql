with source as (
    select * from {{ source('operational', 'campaign_daily_costs') }}
)

select
    -- ids
    id as campaign_cost_id,
    organization_id,
    campaign_id,
    created_by,
    updated_by,

    -- attributes
    channel,
    currency,
    impressions,
    clicks,
    version,

    -- amounts
    amount,

    -- times
    spent_on,
    created_at,
    updated_at,
    deleted_at
from source
