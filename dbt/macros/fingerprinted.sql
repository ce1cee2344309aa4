{#
    The columns of the model's contract, and `row_fingerprint`: 64 bits of an MD5 over all of them.
    Each value is written with its length before it, so that no text can imitate a neighbour; null is `~`.
    `longhouse verify` computes the same from the stored columns.
#}
{% macro fingerprinted(relation) -%}
    {%- if model.resource_type == "unit_test" -%}
    {#- Here dbt knows no contract; no unit test speaks of fingerprints. -#}
    select
        *,
        null::ubigint as row_fingerprint
    from {{ relation }}
    {%- else -%}
        {%- set columns = model.columns.keys() | reject("equalto", "row_fingerprint") | list -%}
    select
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        {{ fingerprint(columns) }} as row_fingerprint
    from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro fingerprint(columns) -%}
    (md5_number(concat(
    {%- for column in columns -%}
        coalesce(strlen({{ column }}::varchar)::varchar || ':' || {{ column }}::varchar, '~')
        {%- if not loop.last %}, {% endif -%}
    {%- endfor -%}
    )) >> 64)::ubigint
{%- endmacro %}
