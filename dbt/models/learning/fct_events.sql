-- What happened, and when it became known. Of what is only ever added the moment of writing is its own; of records that
-- people edit it is that of their making, and what they say now counts from then on.
with tickets as (
    select * from {{ ref('stg_operational__tickets') }}
    where customer_id is not null
),

of_customers as (
    select
        organization_id,
        customer_id as subject_id,
        kind,
        happened_on as occurred_on,
        recorded_at as known_at,
        null::timestamp as gone_at,
        1 as weight
    from {{ ref('stg_operational__interactions') }}
    where customer_id is not null and not is_machine
    union all
    select
        organization_id,
        customer_id as subject_id,
        'ticket' as kind,
        opened_on as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from tickets
    union all
    select
        messages.organization_id,
        tickets.customer_id as subject_id,
        'wrote' as kind,
        messages.sent_on as occurred_on,
        messages.created_at as known_at,
        messages.deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__ticket_messages') }} as messages
    inner join tickets
        on messages.ticket_id = tickets.ticket_id and messages.organization_id = tickets.organization_id
    where messages.author = 'customer'
    union all
    select
        answers.organization_id,
        tickets.customer_id as subject_id,
        case when answers.score <= 2 then 'dissatisfied' else 'satisfied' end as kind,
        answers.answered_on as occurred_on,
        answers.recorded_at as known_at,
        null::timestamp as gone_at,
        1 as weight
    from {{ ref('stg_operational__satisfaction_responses') }} as answers
    inner join tickets
        on answers.ticket_id = tickets.ticket_id and answers.organization_id = tickets.organization_id
    union all
    select
        organization_id,
        customer_id as subject_id,
        'usage' as kind,
        used_on as occurred_on,
        recorded_at as known_at,
        null::timestamp as gone_at,
        events as weight
    from {{ ref('stg_operational__usage_events') }}
    where customer_id is not null
    union all
    select
        organization_id,
        customer_id as subject_id,
        'bill' as kind,
        issued_on as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__invoices') }}
    where issued_on is not null
    union all
    select
        organization_id,
        customer_id as subject_id,
        kind,
        happened_on as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__activities') }}
    where customer_id is not null and happened_on is not null
    union all
    select
        organization_id,
        customer_id as subject_id,
        'deal' as kind,
        coalesce(opened_on, created_at::date) as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__opportunities') }}
    where customer_id is not null
),

of_deals as (
    select
        organization_id,
        opportunity_id as subject_id,
        kind,
        happened_on as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__activities') }}
    where opportunity_id is not null and happened_on is not null
    union all
    select
        organization_id,
        opportunity_id as subject_id,
        case when expected_after > expected_before then 'pushed' else 'pulled' end as kind,
        changed_on as occurred_on,
        recorded_at as known_at,
        null::timestamp as gone_at,
        1 as weight
    from {{ ref('stg_operational__opportunity_close_date_changes') }}
    where changed_on is not null
    union all
    select
        organization_id,
        opportunity_id as subject_id,
        'quote' as kind,
        issued_on as occurred_on,
        created_at as known_at,
        deleted_at as gone_at,
        1 as weight
    from {{ ref('stg_operational__quotes') }}
    where opportunity_id is not null and issued_on is not null
)

select
    'customers' as entity,
    *
from of_customers
union all
select
    'opportunities' as entity,
    *
from of_deals
