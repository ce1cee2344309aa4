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
        dates.snapshot_on
    from customers
    inner join {{ ref('int_learning_dates') }} as dates
        on
            customers.organization_id = dates.organization_id
            and customers.created_at < dates.snapshot_on
            and coalesce(customers.deleted_at >= dates.snapshot_on, true)
),

steps as (
    select * from {{ ref('int_customers__steps') }}
),

standing as (
    {{ state_known('present', 'steps', 'status') }}
),

buyers as (
    select * from standing
    where status = 'customer'
),

features as (
    {{ event_features('buyers', 'customers', {
        'usage': ['usage'],
        'ticket': ['ticket'],
        'wrote': ['wrote'],
        'dissatisfied': ['dissatisfied'],
        'satisfied': ['satisfied'],
        'bill': ['bill'],
        'opened': ['opened', 'clicked'],
        'declined': ['unsubscribed', 'complained', 'bounced'],
        'contacted': ['call', 'email', 'meeting'],
        'deal': ['deal'],
    }) }}
)

select
    features.*,
    (buyers.snapshot_on - buyers.since_on)::integer as days_a_customer
from features
inner join buyers
    on
        features.organization_id = buyers.organization_id
        and features.subject_id = buyers.subject_id
        and features.snapshot_on = buyers.snapshot_on
order by features.organization_id, features.snapshot_on, features.subject_id
