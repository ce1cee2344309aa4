with quotes as (
    select * from {{ ref('stg_operational__quotes') }}
    where deleted_at is null
),

lines as (
    select * from {{ ref('stg_operational__quote_lines') }}
    where deleted_at is null
),

customers as (
    select * from {{ ref('dim_customers') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

line_sums as (
    select
        organization_id,
        quote_id,
        count(*)::integer as lines,
        -- The first line is the one an offer is known by.
        min_by(product_id, (position, quote_line_id)) as product_id,
        sum(quantity::decimal(20, 4) * unit_price)::decimal(38, 4) as list_amount
    from lines
    group by organization_id, quote_id
),

widened as (
    select
        quotes.*,
        coalesce(line_sums.lines, 0) as lines,
        line_sums.product_id,
        line_sums.list_amount,
        quotes.total as amount,
        quotes.status in ('draft', 'in_review', 'approved', 'sent') as is_open,
        quotes.status = 'accepted' as is_accepted,
        (quotes.closed_on - quotes.issued_on)::integer as days_to_close,
        products.product_name,
        products.series as product_series,
        users.regional_office,
        {{ about_customer('customers') }}
    from quotes
    left join line_sums
        on quotes.quote_id = line_sums.quote_id and quotes.organization_id = line_sums.organization_id
    left join products
        on line_sums.product_id = products.product_id and line_sums.organization_id = products.organization_id
    left join users
        on quotes.sales_rep_id = users.user_id and quotes.organization_id = users.organization_id
    left join customers
        on quotes.customer_id = customers.customer_id and quotes.organization_id = customers.organization_id
),

in_own_currency as (
    {{ converted('widened', day='issued_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, issued_on, quote_id
