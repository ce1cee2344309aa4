-- Names are joined in when an organization's extract is made; the model itself knows none.
select
    customer_id,
    organization_id,
    null::varchar as customer_name,
    null::varchar as email,
    null::varchar as phone
from {{ ref('dim_customers') }}
order by organization_id, customer_id
