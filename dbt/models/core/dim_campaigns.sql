with campaigns as (
    select * from {{ ref('stg_operational__campaigns') }}
),

segments as (
    select * from {{ ref('stg_operational__segments') }}
),

named as (
    select
        campaigns.*,
        segments.segment_name
    from campaigns
    left join segments
        on
            campaigns.segment_id = segments.segment_id
            and campaigns.organization_id = segments.organization_id
)

{{ fingerprinted('named') }}
order by organization_id, campaign_id
