with source as (
    select * from {{ source('operational', 'benchmarks') }}
)

select
    -- ids
    id as benchmark_id,
    organization_id,
    created_by,
    updated_by,

    -- attributes
    metric,
    industry,
    size_band,
    country,
    source as publisher,
    lower_quartile,
    median,
    upper_quartile,
    version,

    -- times
    starts_on,
    ends_on,
    created_at,
    updated_at,
    deleted_at
from source
