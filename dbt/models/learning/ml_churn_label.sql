with snapshots as (
    select * from {{ ref('ml_churn_snapshot') }}
),

lost as (
    select
        organization_id,
        subject_id,
        changed_on as happened_on
    from {{ ref('int_customers__steps') }}
    where status = 'churned'
),

labelled as (
    {{ outcome_within('snapshots', 'lost', 60) }}
)

select * from labelled
order by organization_id, snapshot_on, subject_id
