with balances as (
    select * from {{ ref('int_invoices__settled') }}
    where outstanding > 0
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

spans as (
    select
        balances.valid_from,
        balances.valid_to,
        balances.outstanding,
        invoices.invoice_id,
        invoices.organization_id,
        invoices.customer_id,
        invoices.sales_rep_id,
        invoices.status = 'uncollectible' as is_uncollectible,
        invoices.customer_country,
        invoices.customer_sector,
        invoices.customer_type,
        invoices.currency,
        invoices.issued_on,
        invoices.due_on
    from balances
    inner join invoices
        on balances.invoice_id = invoices.invoice_id and balances.organization_id = invoices.organization_id
),

in_own_currency as (
    {{ converted('spans', day='issued_on', amounts={'outstanding': 'outstanding_org'}) }}
),

at_dates as (
    {{ at_snapshot_dates('in_own_currency') }}
),

aged as (
    select
        *,
        due_on < snapshot_on as is_overdue,
        case when due_on < snapshot_on then snapshot_on - due_on end::integer as days_overdue,
        case
            when due_on is null then null
            when due_on >= snapshot_on then 'not due'
            when snapshot_on - due_on <= 30 then '1-30 days'
            when snapshot_on - due_on <= 60 then '31-60 days'
            when snapshot_on - due_on <= 90 then '61-90 days'
            else 'over 90 days'
        end as age
    from at_dates
)

{{ fingerprinted('aged') }}
order by organization_id, snapshot_on, invoice_id
