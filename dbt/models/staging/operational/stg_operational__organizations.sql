with source as (
    select * from {{ source('operational', 'organizations') }}
)

select
    -- ids
    id as organization_id,

    -- attributes
    slug,
    name as organization_name,
    currency,
    locale,
    timezone,
    fiscal_year_start_month,

    -- times
    created_at,
    deleted_at
from source
