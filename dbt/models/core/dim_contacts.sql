with contacts as (
    select
        *,
        deleted_at is not null as is_deleted
    from {{ ref('stg_operational__contacts') }}
)

{{ fingerprinted('contacts') }}
order by organization_id, contact_id
