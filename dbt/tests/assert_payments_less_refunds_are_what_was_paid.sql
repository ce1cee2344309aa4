-- What arrived, less what was given back, is what a bill says was paid. A bill that came without payments is left out.
with paid as (
    select
        organization_id,
        invoice_id,
        coalesce(sum(amount) filter (where is_settled), 0) as amount
    from {{ ref('fct_payments') }}
    group by organization_id, invoice_id
)

select
    invoices.organization_id,
    invoices.invoice_id as record_id
from {{ ref('fct_invoices') }} as invoices
inner join paid
    on invoices.invoice_id = paid.invoice_id and invoices.organization_id = paid.organization_id
where paid.amount <> invoices.amount_paid
