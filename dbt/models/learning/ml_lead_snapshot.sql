with customers as (
    select
        organization_id,
        customer_id as subject_id,
        created_at,
        deleted_at
    from {{ ref('stg_operational__customers') }}
),

present as (
    select
        customers.organization_id,
        customers.subject_id,
        dates.snapshot_on,
        dates.snapshot_on - customers.created_at::date as days_known
    from customers
    inner join {{ ref('int_learning_dates') }} as dates
        on
            customers.organization_id = dates.organization_id
            and customers.created_at < dates.snapshot_on
            and coalesce(customers.deleted_at >= dates.snapshot_on, true)
            -- Whoever has been a lead for a year is none.
            and customers.created_at >= dates.snapshot_on - 365
),

steps as (
    select * from {{ ref('int_customers__steps') }}
),

standing as (
    {{ state_known('present', 'steps', 'status') }}
),

leads as (
    select * from standing
    where status in ('lead', 'prospect')
),

features as (
    {{ event_features('leads', 'customers', {
        'reached': ['sent', 'delivered'],
        'opened': ['opened'],
        'clicked': ['clicked', 'visited'],
        'came': ['registered', 'attended', 'converted'],
        'declined': ['unsubscribed', 'complained', 'bounced'],
        'contacted': ['call', 'email', 'meeting'],
        'deal': ['deal'],
        'ticket': ['ticket'],
    }) }}
)

select
    features.*,
    leads.status,
    leads.days_known::integer as days_known,
    (leads.snapshot_on - leads.since_on)::integer as days_in_status
from features
inner join leads
    on
        features.organization_id = leads.organization_id
        and features.subject_id = leads.subject_id
        and features.snapshot_on = leads.snapshot_on
order by features.organization_id, features.snapshot_on, features.subject_id
