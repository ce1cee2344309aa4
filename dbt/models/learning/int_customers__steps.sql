select
    organization_id,
    customer_id as subject_id,
    status_change_id as step_id,
    to_status as status,
    coalesce(changed_on, recorded_on) as changed_on,
    recorded_at as known_at
from {{ ref('stg_operational__customer_status_changes') }}
