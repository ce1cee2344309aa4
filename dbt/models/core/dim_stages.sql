with stages as (
    select * from {{ source('operational', 'sales_stages') }}
)

{{ fingerprinted('stages') }}
order by stage_position
