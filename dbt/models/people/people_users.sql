-- Names are joined in when an organization's extract is made; the model itself knows none.
select
    user_id,
    organization_id,
    null::varchar as user_name,
    null::varchar as email
from {{ ref('dim_users') }}
order by organization_id, user_id
