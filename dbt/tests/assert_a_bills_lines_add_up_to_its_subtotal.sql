-- The lines of a bill are what it asks for. A bill that came without lines says nothing about them.
with line_sums as (
    select
        organization_id,
        invoice_id,
        sum(amount) as amount,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_invoice_lines') }}
    group by organization_id, invoice_id
)

select
    invoices.organization_id,
    invoices.invoice_id as record_id
from {{ ref('fct_invoices') }} as invoices
inner join line_sums
    on invoices.invoice_id = line_sums.invoice_id and invoices.organization_id = line_sums.organization_id
where
    line_sums.amount <> invoices.subtotal
    or line_sums.tax_amount <> invoices.tax
    or invoices.subtotal + invoices.tax <> invoices.amount
