with deals as (
    select
        organization_id,
        opportunity_id as subject_id,
        created_at,
        deleted_at
    from {{ ref('stg_operational__opportunities') }}
),

dates as (
    select * from {{ ref('int_learning_dates') }}
),

present as (
    select
        deals.organization_id,
        deals.subject_id,
        dates.snapshot_on,
        dates.snapshot_on - deals.created_at::date as days_known
    from deals
    inner join dates
        on
            deals.organization_id = dates.organization_id
            and deals.created_at < dates.snapshot_on
            and coalesce(deals.deleted_at >= dates.snapshot_on, true)
),

steps as (
    select * from {{ ref('int_opportunities__steps') }}
),

standing as (
    {{ state_known('present', 'steps', 'stage') }}
),

ladder as (
    select * from {{ source('operational', 'sales_stages') }}
),

open_deals as (
    select
        standing.*,
        ladder.stage_position
    from standing
    inner join ladder on standing.stage = ladder.stage
    where ladder.is_open
),

-- How long deals of the organization had stood in a stage they left, as far as that was known.
left_stages as (
    select
        organization_id,
        stage,
        lead(changed_on) over deal as left_on,
        lead(known_at) over deal as known_at,
        lead(changed_on) over deal - changed_on as days
    from steps
    window deal as (partition by organization_id, subject_id order by changed_on, known_at, step_id)
),

usual as (
    select
        dates.organization_id,
        dates.snapshot_on,
        left_stages.stage,
        median(left_stages.days) as usual_days
    from dates
    inner join left_stages
        on
            dates.organization_id = left_stages.organization_id
            and dates.snapshot_on > left_stages.known_at
            and dates.snapshot_on > left_stages.left_on
    group by dates.organization_id, dates.snapshot_on, left_stages.stage
),

features as (
    {{ event_features('open_deals', 'opportunities', {
        'call': ['call'],
        'email': ['email'],
        'meeting': ['meeting'],
        'pushed': ['pushed'],
        'pulled': ['pulled'],
        'quote': ['quote'],
    }) }}
)

select
    features.*,
    open_deals.stage,
    open_deals.stage_position,
    open_deals.days_known::integer as days_known,
    (open_deals.snapshot_on - open_deals.since_on)::integer as days_in_stage,
    (open_deals.snapshot_on - open_deals.since_on) - usual.usual_days as days_beyond_usual
from features
inner join open_deals
    on
        features.organization_id = open_deals.organization_id
        and features.subject_id = open_deals.subject_id
        and features.snapshot_on = open_deals.snapshot_on
left join usual
    on
        open_deals.organization_id = usual.organization_id
        and open_deals.snapshot_on = usual.snapshot_on
        and open_deals.stage = usual.stage
order by features.organization_id, features.snapshot_on, features.subject_id
