{# A key for rows that the store has no id for: the same parts, the same key, in every build. #}
{% macro made_key(parts) -%}
    md5(concat(
    {%- for part in parts -%}
        coalesce({{ part }}::varchar, '~')
        {%- if not loop.last %}, '|', {% endif -%}
    {%- endfor -%}
    ))::uuid
{%- endmacro %}
