-- A line counts as revenue once: its months add up to it. Drafts and void bills have no months.
with months as (
    select
        organization_id,
        invoice_line_id,
        sum(amount) as amount
    from {{ ref('fct_revenue_schedule') }}
    group by organization_id, invoice_line_id
)

select
    lines.organization_id,
    lines.invoice_line_id as record_id
from {{ ref('fct_invoice_lines') }} as lines
inner join months
    on lines.invoice_line_id = months.invoice_line_id and lines.organization_id = months.organization_id
where months.amount <> lines.amount
