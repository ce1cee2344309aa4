with opportunities as (
    select * from {{ ref('stg_operational__opportunities') }}
    where deleted_at is null
),

first_lines as (
    select
        organization_id,
        opportunity_id,
        product_id
    from {{ ref('stg_operational__opportunity_line_items') }}
    where deleted_at is null
    qualify row_number() over (
        partition by organization_id, opportunity_id
        order by position, line_item_id
    ) = 1
),

widened as (
    select
        opportunities.*,
        first_lines.product_id,
        products.product_name,
        products.series as product_series,
        users.regional_office,
        customers.country as customer_country,
        customers.sector as customer_sector,
        stages.stage_position,
        stages.is_open,
        stages.is_won,
        stages.is_lost,
        case
            when stages.is_won then opportunities.closed_on - opportunities.opened_on
        end::integer as sales_cycle_days
    from opportunities
    left join first_lines
        on
            opportunities.opportunity_id = first_lines.opportunity_id
            and opportunities.organization_id = first_lines.organization_id
    left join {{ ref('dim_products') }} as products
        on
            first_lines.product_id = products.product_id
            and first_lines.organization_id = products.organization_id
    left join {{ ref('dim_users') }} as users
        on
            opportunities.sales_rep_id = users.user_id
            and opportunities.organization_id = users.organization_id
    left join {{ ref('dim_customers') }} as customers
        on
            opportunities.customer_id = customers.customer_id
            and opportunities.organization_id = customers.organization_id
    left join {{ ref('dim_stages') }} as stages on opportunities.stage = stages.stage
),

-- What is closed counts in the money of the day it closed, what is open in that of the day it was opened.
valued as (
    select
        *,
        coalesce(closed_on, opened_on) as valued_on
    from widened
),

in_own_currency as (
    {{ converted('valued', day='valued_on', amounts={'amount': 'amount_org'}) }}
)

{{ fingerprinted('in_own_currency') }}
order by organization_id, closed_on, opportunity_id
