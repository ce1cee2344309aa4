{#
    The standard generic tests, told so that each failing row carries its organization and its record:
    a failure then holds back that organization alone.
#}
{% macro test_unique(model, column_name) -%}
    select organization_id, {{ column_name }} as record_id, count(*) as copies
    from {{ model }}
    where {{ column_name }} is not null
    group by organization_id, {{ column_name }}
    having count(*) > 1
{%- endmacro %}

{# One test a model instead of one a column: what a test costs is its own start, not its rows. #}
{% macro test_not_null(model, columns) -%}
    {%- set told = [] -%}
    {%- for column in columns -%}
        {%- do told.append("case when " ~ column ~ " is null then '" ~ column ~ "' end") -%}
    {%- endfor -%}
    with lacking as (
        select
            organization_id,
            {{ record_key(model) }} as record_id,
            [name for name in [{{ told | join(', ') }}] if name is not null] as column_names
        from {{ model }}
    )

    select organization_id, record_id, unnest(column_names) as column_name
    from lacking
    where len(column_names) > 0
{%- endmacro %}

{% macro test_relationships(model, keys) -%}
    {%- for column, parent in keys.items() %}
    select child.organization_id, child.{{ column }} as record_id, '{{ column }}' as column_name
    from {{ model }} as child
    left join {{ parent.to }} as parent
        on child.{{ column }} = parent.{{ parent.field }} and child.organization_id = parent.organization_id
    where child.{{ column }} is not null and parent.{{ parent.field }} is null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
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

{# For tables whose key is several columns; unknown values are equal here. #}
{% macro test_one_row_per(model, columns) -%}
    select organization_id, null::uuid as record_id, count(*) as copies
    from {{ model }}
    group by {{ (['organization_id'] + columns) | unique | join(', ') }}
    having count(*) > 1
{%- endmacro %}
