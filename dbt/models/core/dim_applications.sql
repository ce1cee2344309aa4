with applications as (
    select * from {{ ref('stg_operational__applications') }}
)

{{ fingerprinted('applications') }}
order by organization_id, application_id
