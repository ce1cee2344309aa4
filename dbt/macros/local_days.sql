{#
    A relation's rows with, beside each of the moments (which are those of UTC), the day on which it fell where its
    organization is: `opened_at` gives `opened_on`. Clocks are changed once on a day at most, so a day has two offsets
    at most. Before 2000 and after 2049 the days are those of UTC.
#}
{% macro with_local_days(relation, moments) -%}
    select
        {{ relation }}.*,
        {% for moment in moments %}
            (
                {{ relation }}.{{ moment }} + coalesce(
                    case
                        when {{ relation }}.{{ moment }} < {{ moment }}_offsets.changes_at
                            then {{ moment }}_offsets.minutes_before
                        else {{ moment }}_offsets.minutes_after
                    end,
                    0
                ) * interval 1 minute
            )::date as {{ moment[:-3] }}_on,
        {% endfor %}
        organizations.timezone
    from {{ relation }}
    left join {{ source('operational', 'organizations') }} as organizations
        on {{ relation }}.organization_id = organizations.id
    {% for moment in moments %}
        left join {{ ref('base_operational__utc_offsets_by_day') }} as {{ moment }}_offsets
            on
                organizations.timezone = {{ moment }}_offsets.timezone
                and {{ relation }}.{{ moment }}::date = {{ moment }}_offsets.day_on
    {% endfor %}
{%- endmacro %}
