{# What every row of a vendor's table says besides its payload: whose it is, and how it is called at the vendor. #}
{% macro of_vendor() -%}
    organization_id,
    connection_id,
    record_id as source_id
{%- endmacro %}

{# A word at a place of the payload; no text at all is unknown. #}
{% macro told(place) -%}
    nullif(payload ->> '$.{{ place }}', '')
{%- endmacro %}

{# A moment in UTC: seconds since 1970, or ISO 8601. #}
{% macro told_moment(place) -%}
    coalesce(
        make_timestamp(try_cast({{ told(place) }} as bigint) * 1000000),
        try_cast({{ told(place) }} as timestamptz)::timestamp
    )
{%- endmacro %}

{#
    An amount of the smallest unit in major units: most currencies have hundredths, some nothing smaller, some thousandths.
    As Stripe counts: ISK and UGX have nothing smaller, and are counted in hundredths all the same.
#}
{% macro in_major_units(amount, currency) -%}
    try_cast(
        try_cast({{ amount }} as decimal(28, 4))
        * case
            when upper({{ currency }}) in (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) then 1
            when upper({{ currency }}) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 0.001
            else 0.01
        end as decimal(18, 4)
    )
{%- endmacro %}
