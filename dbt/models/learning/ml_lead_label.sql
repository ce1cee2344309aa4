with snapshots as (
    select * from {{ ref('ml_lead_snapshot') }}
),

won as (
    select
        organization_id,
        subject_id,
        changed_on as happened_on
    from {{ ref('int_customers__steps') }}
    where status = 'customer'
),

labelled as (
    {{ outcome_within('snapshots', 'won', 90) }}
)

select * from labelled
order by organization_id, snapshot_on, subject_id
