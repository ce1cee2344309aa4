with noted as (
    select
        *,
        row_number() over (
            partition by organization_id, customer_id
            order by recorded_at, status_change_id
        ) as place
    from {{ ref('stg_operational__customer_status_changes') }}
),

-- Of a customer that came in without a day nobody knows since when it stands there; later changes were seen here.
changes as (
    select
        *,
        coalesce(changed_on, case when place > 1 then recorded_on end) as valid_from
    from noted
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
            order by valid_from nulls first, recorded_at, status_change_id
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
