-- Every ticket, whichever system knows it, in the state of ours that its own one is.
with tickets as (
    select * from {{ ref('stg_operational__tickets') }}
),

cases as (
    select * from {{ ref('stg_hubspot__tickets') }}
)

select
    organization_id,
    'longhouse' as source_system,
    null::uuid as connection_id,
    ticket_id::varchar as source_id,
    status as source_state,
    status as state,
    priority,
    opened_at::timestamp as opened_at,
    closed_at::timestamp as closed_at,
    deleted_at is not null as is_deleted
from tickets
union all by name
select
    {{ of_source('hubspot', 'cases') }},
    stage as source_state,
    {{ our_state('hubspot', 'ticket', 'cases', 'stage') }} as state,
    lower(priority) as priority,
    created_at as opened_at,
    closed_at,
    is_deleted
from cases
