with custom_fields as (
    select * from {{ ref('stg_operational__custom_fields') }}
    where deleted_at is null and privacy <> 'personal'
)

{{ fingerprinted('custom_fields') }}
order by organization_id, entity, position, field_key
