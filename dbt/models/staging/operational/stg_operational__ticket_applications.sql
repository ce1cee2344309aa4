with source as (
    select * from {{ source('operational', 'ticket_applications') }}
)

select
    -- ids
    id as ticket_application_id,
    organization_id,
    ticket_id,
    application_id,
    created_by,
    updated_by,

    -- attributes
    version,

    -- times
    created_at,
    updated_at,
    deleted_at
from source
