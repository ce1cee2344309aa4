{#
    One row per span and snapshot date in it. A span says from which day on something was so (`valid_from`, null:
    nobody knows, and nothing says that it was not) and from which day on no more (`valid_to`, null: it still is).
#}
{% macro at_snapshot_dates(spans) -%}
    select
        {{ spans }}.*,
        dates.snapshot_on
    from {{ spans }}
    inner join {{ ref('dim_snapshot_dates') }} as dates
        on
            {{ spans }}.organization_id = dates.organization_id
            and coalesce({{ spans }}.valid_from <= dates.snapshot_on, true)
            and coalesce({{ spans }}.valid_to > dates.snapshot_on, true)
{%- endmacro %}
