with close_date_changes as (
    select * from {{ ref('stg_operational__opportunity_close_date_changes') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

of_living_deals as (
    select
        close_date_changes.*,
        opportunities.sales_rep_id,
        opportunities.customer_id,
        opportunities.product_name,
        opportunities.product_series,
        opportunities.regional_office,
        opportunities.customer_country,
        opportunities.customer_sector,
        coalesce(
            close_date_changes.expected_after > close_date_changes.expected_before
            and (opportunities.closed_on is null or opportunities.closed_on >= close_date_changes.changed_on),
            false
        ) as is_slip
    from close_date_changes
    inner join opportunities
        on
            close_date_changes.opportunity_id = opportunities.opportunity_id
            and close_date_changes.organization_id = opportunities.organization_id
)

{{ fingerprinted('of_living_deals') }}
order by organization_id, changed_on, close_date_change_id
