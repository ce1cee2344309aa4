with payments as (
    select * from {{ ref('stg_operational__payments') }}
    where deleted_at is null
),

refunds as (
    select * from {{ ref('stg_operational__refunds') }}
    where deleted_at is null
),

invoices as (
    select * from {{ ref('stg_operational__invoices') }}
    where deleted_at is null
),

customers as (
    select * from {{ ref('dim_customers') }}
),

movements as (
    select
        payment_id as cash_movement_id,
        organization_id,
        payment_id,
        invoice_id,
        'payment' as kind,
        status,
        method,
        failure_reason,
        amount,
        paid_on as happened_on
    from payments
    union all
    select
        refunds.refund_id as cash_movement_id,
        refunds.organization_id,
        refunds.payment_id,
        payments.invoice_id,
        'refund' as kind,
        payments.status,
        payments.method,
        null as failure_reason,
        -refunds.amount as amount,
        refunds.refunded_on as happened_on
    from refunds
    inner join payments
        on refunds.payment_id = payments.payment_id and refunds.organization_id = payments.organization_id
),

widened as (
    select
        movements.*,
        movements.status = 'succeeded' as is_settled,
        invoices.customer_id,
        invoices.currency,
        customers.assigned_sales_rep_id as sales_rep_id,
        {{ about_customer('customers') }}
    from movements
    inner join invoices
        on movements.invoice_id = invoices.invoice_id and movements.organization_id = invoices.organization_id
    left join customers
        on invoices.customer_id = customers.customer_id and invoices.organization_id = customers.organization_id
),

in_own_currency as (
    {{ converted('widened', day='happened_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, happened_on, cash_movement_id
