with sla_policies as (
    select * from {{ ref('stg_operational__sla_policies') }}
)

{{ fingerprinted('sla_policies') }}
order by organization_id, sla_policy_id
