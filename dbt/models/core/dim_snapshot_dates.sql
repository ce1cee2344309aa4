-- Derived from what happened, not from today, so that the same rows give the same dates. What came in without a day of
-- its own moves no date; only where nothing has one, the days on which it came in stand for them.
{% set seen = [
    ('stg_operational__opportunities', 'opened_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__opportunities', 'closed_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__opportunity_stage_changes', 'changed_on', 'recorded_at', 'true'),
    ('stg_operational__opportunity_close_date_changes', 'changed_on', 'recorded_at', 'true'),
    ('stg_operational__activities', 'happened_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__customer_status_changes', 'changed_on', 'recorded_at', 'true'),
    ('stg_operational__quotes', 'issued_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__quotes', 'closed_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__subscription_changes', 'changed_on', 'recorded_at', 'true'),
    ('stg_operational__invoices', 'issued_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__payments', 'paid_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__refunds', 'refunded_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__credit_notes', 'issued_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__interactions', 'happened_on', 'recorded_at', 'true'),
    ('stg_operational__tickets', 'opened_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__ticket_status_changes', 'changed_on', 'recorded_at', 'true'),
    ('stg_operational__ticket_messages', 'sent_on', 'updated_at', 'deleted_at is null'),
    ('stg_operational__usage_events', 'used_on', 'recorded_at', 'true'),
] %}
{% set came_in = [
    ('stg_operational__opportunities', 'created_at'),
    ('stg_operational__customer_status_changes', 'recorded_at'),
] %}

with seen as (
    {% for model, day, written_at, condition in seen %}
        select
            organization_id,
            min({{ day }}) as first_on,
            max({{ day }}) as last_on
        from {{ ref(model) }}
        -- A day beyond the one on which the row was written (somewhere it is already tomorrow) has not come yet.
        where {{ condition }} and {{ day }} <= {{ written_at }}::date + 1
        group by organization_id
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

came_in as (
    {% for model, moment in came_in %}
        select
            organization_id,
            min({{ moment }}::date) as first_on,
            max({{ moment }}::date) as last_on
        from {{ ref(model) }}
        group by organization_id
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

histories as (
    select
        organization_id,
        min(first_on) as first_on,
        max(last_on) as last_on
    from seen
    group by organization_id
    union all
    select
        came_in.organization_id,
        min(came_in.first_on) as first_on,
        max(came_in.last_on) as last_on
    from came_in
    anti join seen on came_in.organization_id = seen.organization_id and seen.last_on is not null
    group by came_in.organization_id
),

days as (
    select * from {{ ref('dim_dates') }}
),

spaced as (
    select
        histories.organization_id,
        days.date_day as snapshot_on,
        days.date_day = histories.last_on as is_latest,
        case
            when days.date_day > histories.last_on - 90 then 'day'
            when days.date_day > histories.last_on - 730 and days.date_day = days.week_on + 6 then 'week'
            -- Ends of months stay when everything between them is thinned out.
            when extract(day from days.date_day + 1) = 1 then 'month'
        end as spacing
    from histories
    inner join days on days.date_day between histories.first_on and histories.last_on
),

chosen as (
    select * from spaced
    where spacing is not null
)

{{ fingerprinted('chosen') }}
order by organization_id, snapshot_on
