{# What people group by about a customer, under the names it has in every fact. #}
{% macro about_customer(customers) -%}
    {{ customers }}.country as customer_country,
        {{ customers }}.sector as customer_sector,
        {{ customers }}.customer_type
{%- endmacro %}
