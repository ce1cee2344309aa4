{#
    One row per span and snapshot date in it. A span says from which day on something was so (`valid_from`) and from
    which day on no more (`valid_to`, null: it still is). Positions are counted, not compared, so that the work grows
    with the rows that come out of it.
#}
{% macro at_snapshot_dates(spans) -%}
    select
        reached.*,
        dates.snapshot_on
    from (
        select
            {{ spans }}.*,
            unnest(generate_series(
                begun.snapshot_position, coalesce(over_by.snapshot_position - 1, latest.snapshot_position)
            )) as snapshot_position
        from {{ spans }}
        inner join {{ ref('int_snapshot_dates__by_day') }} as begun
            on {{ spans }}.organization_id = begun.organization_id and {{ spans }}.valid_from = begun.day_on
        inner join {{ ref('dim_snapshot_dates') }} as latest
            on {{ spans }}.organization_id = latest.organization_id and latest.is_latest
        left join {{ ref('int_snapshot_dates__by_day') }} as over_by
            on {{ spans }}.organization_id = over_by.organization_id and {{ spans }}.valid_to = over_by.day_on
    ) as reached
    inner join {{ ref('dim_snapshot_dates') }} as dates
        on
            reached.organization_id = dates.organization_id
            and reached.snapshot_position = dates.snapshot_position
{%- endmacro %}
