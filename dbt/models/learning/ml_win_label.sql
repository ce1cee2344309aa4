with snapshots as (
    select * from {{ ref('ml_win_snapshot') }}
),

won as (
    select
        organization_id,
        subject_id,
        changed_on as happened_on
    from {{ ref('int_opportunities__steps') }}
    where is_won
),

labelled as (
    {{ outcome_within('snapshots', 'won', 180) }}
)

select * from labelled
order by organization_id, snapshot_on, subject_id
