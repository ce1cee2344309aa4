with lines as (
    select * from {{ ref('stg_operational__invoice_lines') }}
    where deleted_at is null
),

invoices as (
    select * from {{ ref('stg_operational__invoices') }}
    where deleted_at is null
),

customers as (
    select * from {{ ref('dim_customers') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

widened as (
    select
        lines.*,
        invoices.customer_id,
        customers.assigned_sales_rep_id as sales_rep_id,
        invoices.status as invoice_status,
        invoices.status in ('open', 'paid', 'uncollectible') as is_issued,
        invoices.currency,
        invoices.issued_on,
        products.product_name,
        products.series as product_series,
        {{ about_customer('customers') }}
    from lines
    inner join invoices
        on lines.invoice_id = invoices.invoice_id and lines.organization_id = invoices.organization_id
    left join products
        on lines.product_id = products.product_id and lines.organization_id = products.organization_id
    left join customers
        on invoices.customer_id = customers.customer_id and invoices.organization_id = customers.organization_id
),

in_own_currency as (
    {{ converted('widened', day='issued_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, issued_on, invoice_line_id
