with users as (
    select
        *,
        deleted_at is not null as is_deleted
    from {{ ref('stg_operational__users') }}
)

{{ fingerprinted('users') }}
order by organization_id, user_id
