-- What was owed of each bill from which day on: it is issued, paid, refunded, credited.
with invoices as (
    select * from {{ ref('stg_operational__invoices') }}
    where deleted_at is null and status not in ('draft', 'void') and issued_on is not null
),

cash as (
    select * from {{ ref('fct_payments') }}
    where is_settled
),

credit_notes as (
    select * from {{ ref('stg_operational__credit_notes') }}
    where deleted_at is null
),

settlements as (
    select
        organization_id,
        invoice_id,
        happened_on as day_on,
        amount
    from cash
    union all
    select
        organization_id,
        invoice_id,
        issued_on as day_on,
        amount
    from credit_notes
),

told as (
    select
        organization_id,
        invoice_id,
        sum(amount) as amount
    from settlements
    group by organization_id, invoice_id
),

settled as (
    select
        organization_id,
        invoice_id,
        coalesce(paid_on, issued_on) as day_on,
        case when status = 'paid' then total else amount_paid + amount_credited end as amount
    from invoices
),

-- Bills of an older system come with what was paid of them, and without the payments.
untold as (
    select
        settled.organization_id,
        settled.invoice_id,
        settled.day_on,
        settled.amount - coalesce(told.amount, 0) as amount
    from settled
    left join told
        on settled.invoice_id = told.invoice_id and settled.organization_id = told.organization_id
    where settled.amount <> coalesce(told.amount, 0)
),

steps as (
    select
        organization_id,
        invoice_id,
        issued_on as day_on,
        total as amount
    from invoices
    union all
    select
        organization_id,
        invoice_id,
        day_on,
        -amount as amount
    from settlements
    union all
    select
        organization_id,
        invoice_id,
        day_on,
        -amount as amount
    from untold
),

days as (
    select
        steps.organization_id,
        steps.invoice_id,
        -- What is paid before the bill is issued counts from that day on.
        greatest(steps.day_on, invoices.issued_on) as day_on,
        sum(steps.amount) as amount
    from steps
    inner join invoices
        on steps.invoice_id = invoices.invoice_id and steps.organization_id = invoices.organization_id
    group by steps.organization_id, steps.invoice_id, greatest(steps.day_on, invoices.issued_on)
)

select
    organization_id,
    invoice_id,
    day_on as valid_from,
    lead(day_on) over (partition by organization_id, invoice_id order by day_on) as valid_to,
    sum(amount) over (partition by organization_id, invoice_id order by day_on)::decimal(38, 4) as outstanding
from days
