with invoices as (
    select
        *,
        case
            when status in ('open', 'uncollectible') then total - amount_paid - amount_credited else 0
        end::decimal(38, 4) as outstanding
    from {{ ref('stg_operational__invoices') }}
    where deleted_at is null
),

lines as (
    select * from {{ ref('stg_operational__invoice_lines') }}
    where deleted_at is null
),

balances as (
    select * from {{ ref('int_invoices__settled') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

line_sums as (
    select
        organization_id,
        invoice_id,
        count(*)::integer as lines,
        -- The first line is the one a bill is known by.
        min_by(product_id, (position, invoice_line_id)) as product_id
    from lines
    group by organization_id, invoice_id
),

-- From this day on nothing was owed any more; before it something was, even if a payment had come and gone back.
paid as (
    select
        organization_id,
        invoice_id,
        coalesce(max(valid_to) filter (where outstanding > 0), min(valid_from)) as paid_on
    from balances
    group by organization_id, invoice_id
    having count(*) filter (where outstanding > 0 and valid_to is null) = 0
),

widened as (
    select
        invoices.invoice_id,
        invoices.organization_id,
        invoices.customer_id,
        invoices.subscription_id,
        invoices.contract_id,
        invoices.opportunity_id,
        customers.assigned_sales_rep_id as sales_rep_id,
        line_sums.product_id,
        invoices.number,
        invoices.status,
        invoices.status = 'open' as is_open,
        invoices.status = 'paid' as is_paid,
        invoices.status in ('open', 'paid', 'uncollectible') as is_issued,
        invoices.is_disputed,
        invoices.dunning_level,
        invoices.payment_terms_days,
        coalesce(line_sums.lines, 0) as lines,
        products.product_name,
        products.series as product_series,
        {{ about_customer('customers') }},
        invoices.currency,
        invoices.subtotal,
        invoices.tax,
        invoices.total as amount,
        invoices.amount_paid,
        invoices.amount_credited,
        invoices.outstanding,
        invoices.issued_on,
        invoices.due_on,
        case when invoices.status = 'paid' then coalesce(paid.paid_on, invoices.paid_on) end as paid_on
    from invoices
    left join paid
        on invoices.invoice_id = paid.invoice_id and invoices.organization_id = paid.organization_id
    left join line_sums
        on invoices.invoice_id = line_sums.invoice_id and invoices.organization_id = line_sums.organization_id
    left join products
        on line_sums.product_id = products.product_id and line_sums.organization_id = products.organization_id
    left join customers
        on invoices.customer_id = customers.customer_id and invoices.organization_id = customers.organization_id
),

timed as (
    select
        *,
        (paid_on - issued_on)::integer as days_to_pay
    from widened
),

in_own_currency as (
    {{ converted('timed', day='issued_on', amounts={
        'subtotal': 'subtotal_org', 'amount': 'amount_org', 'outstanding': 'outstanding_org',
    }) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, issued_on, invoice_id
