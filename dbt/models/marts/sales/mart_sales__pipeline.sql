-- How much open business does each person have on each rung of the ladder?
with open_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_open
)

select
    organization_id,
    stage,
    stage_position,
    sales_rep_id,
    currency,
    count(*) as deals,
    count(amount) as deals_with_amount,
    sum(amount)::decimal(38, 4) as amount
from open_opportunities
group by organization_id, stage, stage_position, sales_rep_id, currency
order by organization_id, stage_position, sales_rep_id
