-- What is not filtered out on purpose is all there, in every organization.
{% set pairs = [
    ('stg_operational__customer_status_changes', 'dim_customer_statuses', 'true'),
    ('stg_operational__contacts', 'dim_contacts', 'true'),
    ('stg_operational__territories', 'dim_territories', 'true'),
    ('stg_operational__quotes', 'fct_quotes', 'deleted_at is null'),
    ('stg_operational__invoices', 'fct_invoices', 'deleted_at is null'),
    ('stg_operational__quotas', 'fct_quotas', 'deleted_at is null'),
] %}

with counts as (
    {% for staged, built, condition in pairs %}
        select
            organization_id,
            '{{ built }}' as built,
            1 as staged_rows,
            0 as built_rows
        from {{ ref(staged) }}
        where {{ condition }}
        union all
        select
            organization_id,
            '{{ built }}' as built,
            0 as staged_rows,
            1 as built_rows
        from {{ ref(built) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    organization_id,
    null::uuid as record_id
from counts
group by organization_id, built
having sum(staged_rows) <> sum(built_rows)
