-- On the last day the snapshots owe what the bills owe. A bill on which something happens later is left out.
with latest as (
    select * from {{ ref('dim_snapshot_dates') }}
    where is_latest
),

last_steps as (
    select
        organization_id,
        invoice_id,
        max(valid_from) as last_on
    from {{ ref('int_invoices__settled') }}
    group by organization_id, invoice_id
),

bills as (
    select
        invoices.organization_id,
        invoices.invoice_id,
        invoices.outstanding,
        latest.snapshot_on
    from {{ ref('fct_invoices') }} as invoices
    inner join last_steps
        on invoices.invoice_id = last_steps.invoice_id and invoices.organization_id = last_steps.organization_id
    inner join latest
        on invoices.organization_id = latest.organization_id and last_steps.last_on <= latest.snapshot_on
)

select
    bills.organization_id,
    bills.invoice_id as record_id
from bills
left join {{ ref('fct_receivables_snapshots') }} as snapshots
    on
        bills.invoice_id = snapshots.invoice_id
        and bills.organization_id = snapshots.organization_id
        and bills.snapshot_on = snapshots.snapshot_on
where greatest(bills.outstanding, 0) <> coalesce(snapshots.outstanding, 0)
