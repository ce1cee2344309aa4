-- What an organization's day came to, room by room. Each figure is the metric of the same name, of that day or as it
-- stood that evening; a test holds them against each other.
{% set rooms = {
    'business_metrics': {
        'customer_count': ('fct_customer_snapshots', 'snapshot_on', "sum(customers) filter (status = 'customer')", 'bigint'),
        'mrr': ('fct_mrr_snapshots', 'snapshot_on', 'sum(amount_org)', 'decimal(38, 4)'),
        'outstanding_amount': (
            'fct_receivables_snapshots', 'snapshot_on', 'sum(outstanding_org) filter (not is_uncollectible)',
            'decimal(38, 4)'
        ),
        'overdue_amount': (
            'fct_receivables_snapshots', 'snapshot_on',
            'sum(outstanding_org) filter (is_overdue and not is_uncollectible)', 'decimal(38, 4)'
        ),
        'paid_amount': (
            'fct_payments', 'happened_on', "sum(amount_org) filter (is_settled and kind = 'payment')", 'decimal(38, 4)'
        ),
    },
    'sales_analytics': {
        'open_deal_count': ('fct_pipeline_snapshots', 'snapshot_on', 'count(*)', 'bigint'),
        'open_pipeline_value': ('fct_pipeline_snapshots', 'snapshot_on', 'sum(amount_org)', 'decimal(38, 4)'),
        'weighted_pipeline_value': (
            'fct_pipeline_snapshots', 'snapshot_on', 'sum(weighted_amount_org)', 'decimal(38, 4)'
        ),
        'won_deal_count': ('fct_opportunities', 'closed_on', 'count(*) filter (is_won)', 'bigint'),
        'won_value': ('fct_opportunities', 'closed_on', 'sum(amount_org) filter (is_won)', 'decimal(38, 4)'),
        'lost_deal_count': ('fct_opportunities', 'closed_on', 'count(*) filter (is_lost)', 'bigint'),
    },
    'marketing_analytics': {
        'lead_count': ('fct_customer_journeys', 'lead_on', 'count(*)', 'bigint'),
        'mql_count': ('fct_customer_journeys', 'qualified_on', 'count(*)', 'bigint'),
        'campaign_spend': ('fct_campaign_costs', 'spent_on', 'sum(amount_org)', 'decimal(38, 4)'),
    },
    'support_analytics': {
        'open_ticket_count': ('fct_backlog_snapshots', 'snapshot_on', 'count(*)', 'bigint'),
        'ticket_count': ('fct_tickets', 'opened_on', 'count(*)', 'bigint'),
        'resolved_ticket_count': ('fct_tickets', 'resolved_on', 'count(resolution_minutes)', 'bigint'),
    },
    'application_analytics': {
        'usage_events': ('fct_usage', 'used_on', 'sum(events)', 'bigint'),
        'active_users': ('fct_usage', 'used_on', 'sum(active_users)', 'bigint'),
    },
} %}

with dates as (
    select
        organization_id,
        snapshot_on
    from {{ ref('dim_snapshot_dates') }}
),

figures as (
    {% for room, metrics in rooms.items() %}
        {%- set last_room = loop.last %}
        {%- for metric, (model, day, value, kind) in metrics.items() %}
            select
                organization_id,
                {{ day }} as told_on,
                '{{ metric }}' as metric,
                ({{ value }})::decimal(38, 4) as figure
            from {{ ref(model) }}
            where {{ day }} is not null
            group by organization_id, {{ day }}
            {%- if not (loop.last and last_room) %}
                union all
            {%- endif %}
        {%- endfor %}
    {%- endfor %}
),

told as (
    select
        dates.organization_id,
        dates.snapshot_on,
        {%- for room, metrics in rooms.items() %}
            {%- for metric, (model, day, value, kind) in metrics.items() %}
                coalesce(max(figures.figure) filter (figures.metric = '{{ metric }}'), 0)::{{ kind }} as {{ metric }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from dates
    left join figures
        on
            dates.organization_id = figures.organization_id
            and dates.snapshot_on = figures.told_on
    group by dates.organization_id, dates.snapshot_on
),

snapshot as (
    select
        {{ made_key(['organization_id', 'snapshot_on']) }} as daily_snapshot_id,
        organization_id,
        snapshot_on as report_date,
        {%- for room, metrics in rooms.items() %}
            to_json(struct_pack(
                {%- for metric in metrics %}
                    {{ metric }} := {{ metric }}::varchar{{ ',' if not loop.last }}
                {%- endfor %}
            ))::varchar as {{ room }},
        {%- endfor %}
        -- Nobody finds these out yet; the list of why is kept beside the tests, and only gets shorter.
        null::varchar as cross_system_insights,
        null::varchar as predictive_forecasts,
        null::varchar as benchmark_comparisons,
        null::varchar as optimization_recommendations,
        null::varchar as alerts_triggered,
        null::varchar as custom_dashboards,
        null::decimal(5, 4) as data_quality_score,
        (snapshot_on + 1)::timestamp as created_at
    from told
)

{{ fingerprinted('snapshot') }}
order by organization_id, report_date
