-- Late is what was not paid by the day it was due; known on the day after that day.
with snapshots as (
    select * from {{ ref('ml_late_snapshot') }}
),

bills as (
    select * from {{ ref('stg_operational__invoices') }}
),

horizons as (
    select * from {{ ref('int_learning_horizons') }}
)

select
    snapshots.organization_id,
    snapshots.subject_id,
    snapshots.snapshot_on,
    case
        when horizons.known_until > bills.due_on then coalesce(bills.paid_on > bills.due_on, true)
    end as outcome
from snapshots
inner join bills
    on snapshots.organization_id = bills.organization_id and snapshots.subject_id = bills.invoice_id
left join horizons on snapshots.organization_id = horizons.organization_id
order by snapshots.organization_id, snapshots.snapshot_on, snapshots.subject_id
