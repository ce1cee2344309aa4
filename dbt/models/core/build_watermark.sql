-- Which change of the operational store this build saw.
with watermarks as (
    select * from {{ source('operational', '_watermarks') }}
)

select
    source,
    max(seq) as seq
from watermarks
group by source
