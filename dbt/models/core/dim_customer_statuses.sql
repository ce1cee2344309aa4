with changes as (
    select
        *,
        coalesce(changed_on, recorded_at::date) as valid_from
    from {{ ref('stg_operational__customer_status_changes') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

deleted as (
    select
        organization_id,
        customer_id
    from {{ ref('stg_operational__customers') }}
    where deleted_at is not null
),

-- Changes come in late: their own day orders them, and only within a day the moment they became known.
spans as (
    select
        status_change_id,
        organization_id,
        customer_id,
        changed_by,
        from_status,
        to_status as status,
        recorded_at_assumed,
        valid_from,
        lead(valid_from) over (
            partition by organization_id, customer_id
            order by valid_from, recorded_at, status_change_id
        ) as valid_to,
        recorded_at
    from changes
),

widened as (
    select
        spans.*,
        spans.valid_to is null as is_current,
        deleted.customer_id is not null as is_deleted,
        {{ about_customer('customers') }}
    from spans
    left join customers
        on spans.customer_id = customers.customer_id and spans.organization_id = customers.organization_id
    left join deleted
        on spans.customer_id = deleted.customer_id and spans.organization_id = deleted.organization_id
)

{{ fingerprinted('widened') }}
order by organization_id, valid_from, status_change_id
