with users as (
    select * from {{ ref('stg_operational__users') }}
    where deleted_at is null
)

{{ fingerprinted('users') }}
order by organization_id, user_id
