{#
    A relation's rows, with amounts in the organization's own currency beside those in the row's `currency`.
    `amounts` says which column becomes which; `day` is the column whose day's rate counts. Where the rate is not
    known the amount is null and `is_rate_missing` says so: it is left out of sums, never taken for zero.
#}
{% macro converted(relation, day, amounts) -%}
    select
        {{ relation }}.*,
        {% for amount, in_own_currency in amounts.items() %}
            try_cast(
                -- Two decimals of 18 digits would be multiplied within 18 digits.
                try_cast({{ relation }}.{{ amount }} as decimal(18, 4))::decimal(20, 4)
                * {{ home_rate(relation) }} as decimal(18, 4)
            ) as {{ in_own_currency }},
        {% endfor %}
        coalesce({{ relation }}.currency is not null and {{ home_rate(relation) }} is null, false) as is_rate_missing
    from {{ relation }}
    left join {{ ref('stg_operational__organizations') }} as organizations
        on {{ relation }}.organization_id = organizations.organization_id
    left join {{ ref('int_fx_rates__by_day') }} as rates
        on
            {{ relation }}.organization_id = rates.organization_id
            and {{ relation }}.currency = rates.currency
            and {{ relation }}.{{ day }} = rates.day_on
{%- endmacro %}

{% macro home_rate(relation) -%}
    case when {{ relation }}.currency = organizations.currency then 1 else rates.rate end
{%- endmacro %}
