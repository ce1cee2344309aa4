with activities as (
    select
        *,
        done_at is not null as is_done
    from {{ ref('stg_operational__activities') }}
    where deleted_at is null
)

{{ fingerprinted('activities') }}
order by organization_id, happened_on, activity_id
