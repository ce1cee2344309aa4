{#
    What was known of each subject on the eve of its snapshot, counted over windows that end there. `subjects` has one
    row per organization, subject and snapshot; `features` says which kinds of events each feature counts. An event
    counts when it was written, and had not been put away, before the snapshot began: one that came in late is not
    there yet, however early it happened.
#}
{% macro event_features(subjects, entity, features) -%}
    select
        {{ subjects }}.organization_id,
        {{ subjects }}.subject_id,
        {{ subjects }}.snapshot_on,
        {% for feature, kinds in features.items() %}
            coalesce({{ counted(kinds, subjects, 7) }}, 0)::bigint as {{ feature }}_7d,
            coalesce({{ counted(kinds, subjects, 30) }}, 0)::bigint as {{ feature }}_30d,
            coalesce({{ counted(kinds, subjects, 90) }}, 0)::bigint as {{ feature }}_90d,
            coalesce({{ counted(kinds, subjects, 365) }}, 0)::bigint as {{ feature }}_365d,
            coalesce({{ counted(kinds, subjects, 60, 30) }}, 0)::bigint as {{ feature }}_30d_before,
            min({{ days_before(kinds, subjects) }})::integer as days_since_{{ feature }},
        {% endfor %}
        count(events.kind)::integer as events_365d
    from {{ subjects }}
    left join {{ ref('fct_events') }} as events
        on
            {{ subjects }}.organization_id = events.organization_id
            and {{ subjects }}.subject_id = events.subject_id
            and events.entity = '{{ entity }}'
            and events.known_at < {{ subjects }}.snapshot_on
            and coalesce(events.gone_at >= {{ subjects }}.snapshot_on, true)
            and events.occurred_on < {{ subjects }}.snapshot_on
            and events.occurred_on >= {{ subjects }}.snapshot_on - 365
    group by {{ subjects }}.organization_id, {{ subjects }}.subject_id, {{ subjects }}.snapshot_on
{%- endmacro %}

{# How much of some kinds of events there was in the days before the snapshot, from so many to so many days before. #}
{% macro counted(kinds, subjects, most, least=0) -%}
    sum(
        case
            when
                events.kind in ('{{ kinds | join("', '") }}')
                and {{ subjects }}.snapshot_on - events.occurred_on between {{ least + 1 }} and {{ most }}
                then events.weight
        end
    )
{%- endmacro %}

{% macro days_before(kinds, subjects) -%}
    case when events.kind in ('{{ kinds | join("', '") }}') then {{ subjects }}.snapshot_on - events.occurred_on end
{%- endmacro %}

{# Which of its states each subject was in, as known on the eve of a snapshot: the last one that had been written. #}
{% macro state_known(subjects, steps, state) -%}
    select
        {{ subjects }}.*,
        {{ steps }}.{{ state }},
        {{ steps }}.changed_on as since_on
    from {{ subjects }}
    inner join {{ steps }}
        on
            {{ subjects }}.organization_id = {{ steps }}.organization_id
            and {{ subjects }}.subject_id = {{ steps }}.subject_id
            and {{ steps }}.known_at < {{ subjects }}.snapshot_on
            and {{ steps }}.changed_on < {{ subjects }}.snapshot_on
    qualify row_number() over (
        partition by {{ subjects }}.organization_id, {{ subjects }}.subject_id, {{ subjects }}.snapshot_on
        order by {{ steps }}.changed_on desc, {{ steps }}.known_at desc, {{ steps }}.step_id desc
    ) = 1
{%- endmacro %}

{#
    Whether each row of a snapshot model saw an outcome within so many days from its day on; null until those days are
    over. `outcomes` has organization_id, subject_id and happened_on.
#}
{% macro outcome_within(snapshots, outcomes, days) -%}
    select
        {{ snapshots }}.organization_id,
        {{ snapshots }}.subject_id,
        {{ snapshots }}.snapshot_on,
        case
            when any_value(horizons.known_until) >= {{ snapshots }}.snapshot_on + {{ days }}
                then count({{ outcomes }}.happened_on) > 0
        end as outcome
    from {{ snapshots }}
    left join {{ outcomes }}
        on
            {{ snapshots }}.organization_id = {{ outcomes }}.organization_id
            and {{ snapshots }}.subject_id = {{ outcomes }}.subject_id
            and {{ outcomes }}.happened_on >= {{ snapshots }}.snapshot_on
            and {{ outcomes }}.happened_on < {{ snapshots }}.snapshot_on + {{ days }}
    left join {{ ref('int_learning_horizons') }} as horizons
        on {{ snapshots }}.organization_id = horizons.organization_id
    group by {{ snapshots }}.organization_id, {{ snapshots }}.subject_id, {{ snapshots }}.snapshot_on
{%- endmacro %}
