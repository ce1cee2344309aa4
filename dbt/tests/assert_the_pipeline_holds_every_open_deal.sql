-- Every open deal is counted once in the pipeline mart, and its money too.
with facts as (
    select
        organization_id,
        count(*) as deals,
        sum(amount) as amount
    from {{ ref('fct_opportunities') }}
    where is_open
    group by organization_id
),

pipeline as (
    select
        organization_id,
        sum(deals) as deals,
        sum(amount) as amount
    from {{ ref('mart_sales__pipeline') }}
    group by organization_id
)

select
    coalesce(facts.organization_id, pipeline.organization_id) as organization_id,
    null::uuid as record_id
from facts
full outer join pipeline on facts.organization_id = pipeline.organization_id
where
    facts.deals is distinct from pipeline.deals
    or facts.amount is distinct from pipeline.amount
