with territories as (
    select * from {{ ref('stg_operational__territories') }}
)

{{ fingerprinted('territories') }}
order by organization_id, territory_id
