{#
    The standard generic tests, told so that each failing row carries its organization and its record:
    a failure then holds back that organization alone. Names and arguments are dbt's own.
#}
{% macro test_unique(model, column_name) -%}
    select organization_id, {{ column_name }} as record_id, count(*) as copies
    from {{ model }}
    where {{ column_name }} is not null
    group by organization_id, {{ column_name }}
    having count(*) > 1
{%- endmacro %}

{% macro test_not_null(model, column_name) -%}
    select organization_id, {{ record_key(model) }} as record_id
    from {{ model }}
    where {{ column_name }} is null
{%- endmacro %}

{% macro test_relationships(model, column_name, to, field) -%}
    select child.organization_id, child.{{ column_name }} as record_id
    from {{ model }} as child
    left join {{ to }} as parent
        on child.{{ column_name }} = parent.{{ field }} and child.organization_id = parent.organization_id
    where child.{{ column_name }} is not null and parent.{{ field }} is null
{%- endmacro %}

{% macro test_is_a_stage(model, column_name) -%}
    select checked.organization_id, checked.{{ column_name }} as record_id
    from {{ model }} as checked
    left join {{ ref('dim_stages') }} as stages on checked.{{ column_name }} = stages.stage
    where checked.{{ column_name }} is not null and stages.stage is null
{%- endmacro %}

{% macro test_holds(model, expression, key) -%}
    select organization_id, {{ key }} as record_id
    from {{ model }}
    where not coalesce({{ expression }}, true)
{%- endmacro %}

{#
    The first column of a model's contract: its key by our naming. Read from the project; asking the database, which
    looks through the whole lake for an answer, cost a seventh of a build.
#}
{% macro record_key(relation) -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and node.alias == relation.identifier and node.columns -%}
                {{ return(node.columns.keys() | first) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('organization_id') }}
{%- endmacro %}
