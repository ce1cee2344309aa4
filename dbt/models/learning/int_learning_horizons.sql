-- Told by when rows were written, not by the days in them: somebody may write of next year.
with written as (
    select
        organization_id,
        known_at
    from {{ ref('fct_events') }}
    union all
    select
        organization_id,
        known_at
    from {{ ref('int_customers__steps') }}
    union all
    select
        organization_id,
        known_at
    from {{ ref('int_opportunities__steps') }}
)

select
    organization_id,
    min(known_at)::date as known_from,
    max(known_at)::date as known_until
from written
group by organization_id
