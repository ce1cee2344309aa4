-- One snapshot of each bill, on the day after it was issued and written.
with bills as (
    select
        organization_id,
        invoice_id,
        customer_id,
        payment_terms_days,
        total,
        issued_on,
        due_on,
        created_at,
        deleted_at,
        greatest(issued_on, created_at::date) + 1 as snapshot_on
    from {{ ref('stg_operational__invoices') }}
    where status not in ('draft', 'void') and issued_on is not null and due_on is not null
),

payments as (
    select * from {{ ref('stg_operational__payments') }}
    where status = 'succeeded' and paid_on is not null
),

-- Each earlier bill of the customer, with what had been paid of it as far as that was known.
earlier as (
    select
        bills.organization_id,
        bills.invoice_id,
        former.invoice_id as earlier_id,
        former.total,
        former.due_on,
        bills.snapshot_on,
        coalesce(sum(payments.amount), 0) as paid,
        max(payments.paid_on) as paid_on
    from bills
    inner join bills as former
        on
            bills.organization_id = former.organization_id
            and bills.customer_id = former.customer_id
            and bills.invoice_id <> former.invoice_id
            and bills.snapshot_on > former.created_at
            and bills.snapshot_on > former.issued_on
            and bills.snapshot_on <= former.issued_on + 730
            and coalesce(bills.snapshot_on <= former.deleted_at, true)
    left join payments
        on
            former.organization_id = payments.organization_id
            and former.invoice_id = payments.invoice_id
            and bills.snapshot_on > payments.created_at
            and bills.snapshot_on > payments.paid_on
            and coalesce(bills.snapshot_on <= payments.deleted_at, true)
    group by
        bills.organization_id,
        bills.invoice_id,
        former.invoice_id,
        former.total,
        former.due_on,
        bills.snapshot_on
),

followed as (
    select
        *,
        paid >= total as is_paid,
        case
            when paid >= total then paid_on - due_on
            when due_on < snapshot_on then snapshot_on - due_on
        end as days_late
    from earlier
),

histories as (
    select
        organization_id,
        invoice_id,
        count(*)::integer as earlier_bills,
        count(*) filter (where days_late > 0)::integer as earlier_late,
        avg(days_late) as earlier_days_late,
        arg_max(days_late, (due_on, earlier_id)) filter (where days_late is not null)::integer as last_days_late,
        count(*) filter (where not is_paid)::integer as unpaid_bills,
        count(*) filter (where not is_paid and due_on < snapshot_on)::integer as overdue_bills
    from followed
    group by organization_id, invoice_id
)

select
    bills.organization_id,
    bills.invoice_id as subject_id,
    bills.snapshot_on,
    coalesce(histories.earlier_bills, 0) as earlier_bills,
    coalesce(histories.earlier_late, 0) as earlier_late,
    histories.earlier_days_late,
    histories.last_days_late,
    coalesce(histories.unpaid_bills, 0) as unpaid_bills,
    coalesce(histories.overdue_bills, 0) as overdue_bills,
    bills.payment_terms_days,
    bills.total,
    (bills.due_on - bills.issued_on)::integer as days_to_pay,
    extract(day from bills.due_on)::integer as due_day_of_month,
    extract(month from bills.due_on)::integer as due_month
from bills
left join histories
    on bills.organization_id = histories.organization_id and bills.invoice_id = histories.invoice_id
where coalesce(bills.deleted_at >= bills.snapshot_on, true)
order by bills.organization_id, bills.snapshot_on, bills.invoice_id
