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

{#
    What of a staged vendor's row is the same for every entity: which system it is of, what it is called there, the key it has
    here, and which of our states its own one is. `states` are the rows of `source_states`; nobody mapped it, it is null.
#}
{% macro of_source(vendor, staged) -%}
    {{ staged }}.organization_id,
    '{{ vendor }}' as source_system,
    {{ staged }}.connection_id,
    {{ staged }}.source_id
{%- endmacro %}

{% macro our_state(vendor, entity, staged, state) -%}
    (
        select max_by(states.state, states.organization_id is not null)
        from {{ ref('source_states') }} as states
        where
            states.source_system = '{{ vendor }}'
            and states.entity = '{{ entity }}'
            and states.source_state = {{ staged }}.{{ state }}
            and (states.organization_id is null or states.organization_id = {{ staged }}.organization_id)
    )
{%- endmacro %}
