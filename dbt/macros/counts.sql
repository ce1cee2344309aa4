{# Nothing is lost and nothing is doubled on the way: each organization has as many rows here as there. #}
{% macro test_as_many_as(model, to) -%}
    with here as (
        select organization_id, count(*) as records
        from {{ model }}
        group by organization_id
    ),

    there as (
        select organization_id, count(*) as records
        from {{ to }}
        group by organization_id
    )

    select
        coalesce(here.organization_id, there.organization_id) as organization_id,
        null::uuid as record_id
    from here
    full outer join there on here.organization_id = there.organization_id
    where here.records is distinct from there.records
{%- endmacro %}
