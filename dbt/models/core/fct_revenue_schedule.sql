with entries as (
    select * from {{ ref('stg_operational__revenue_schedule_entries') }}
    where deleted_at is null
),

lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

-- What was billed is worth what it was worth on the bill's day, in whichever month it counts.
widened as (
    select
        entries.revenue_schedule_entry_id,
        entries.organization_id,
        entries.invoice_line_id,
        lines.invoice_id,
        lines.customer_id,
        lines.subscription_id,
        lines.product_id,
        lines.sales_rep_id,
        lines.product_name,
        lines.product_series,
        lines.customer_country,
        lines.customer_sector,
        lines.customer_type,
        lines.currency,
        entries.amount,
        entries.month_on,
        lines.issued_on
    from entries
    inner join lines
        on entries.invoice_line_id = lines.invoice_line_id and entries.organization_id = lines.organization_id
),

in_own_currency as (
    {{ converted('widened', day='issued_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, month_on, revenue_schedule_entry_id
