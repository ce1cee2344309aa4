{# Where somebody still has to do something: the one home of the rule in the model. #}
{% macro is_open_ticket(status) -%}
    {{ status }} not in ('resolved', 'closed')
{%- endmacro %}

{# Full minutes that went by, by the clock on the wall. #}
{% macro minutes_between(earlier, later) -%}
    floor(extract(epoch from ({{ later }} - {{ earlier }})) / 60)::integer
{%- endmacro %}
