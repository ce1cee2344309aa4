-- Every deal, whichever system knows it, at the stage of ours that its own one is.
with opportunities as (
    select * from {{ ref('stg_operational__opportunities') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    opportunity_id::varchar as source_id,
    customer_id::varchar as account_source_id,
    stage as source_state,
    stage as state,
    currency,
    amount,
    opened_on,
    coalesce(closed_on, expected_close_on) as closes_on,
    deleted_at is not null as is_deleted
from opportunities
union all by name
select
    {{ of_source('hubspot', 'deals') }},
    company_id as account_source_id,
    stage as source_state,
    coalesce(
        {{ our_state('hubspot', 'deal', 'deals', 'stage') }},
        case when is_won then 'closed_won' when is_closed then 'closed_lost' end
    ) as state,
    currency,
    amount,
    created_at::date as opened_on,
    closes_at::date as closes_on,
    is_deleted
from deals
