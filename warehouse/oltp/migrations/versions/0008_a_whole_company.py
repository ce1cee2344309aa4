"""a whole company"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from warehouse.oltp.types import Id, Moment, Money, Rate

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


Shared = tuple[tuple[str, TypeEngine[Any], bool], ...]
"""Name, type and whether it may be null."""
RECORD: Shared = (
    ("created_at", Moment(), False),
    ("created_by", Id(), True),
    ("updated_at", Moment(), False),
    ("updated_by", Id(), True),
    ("deleted_at", Moment(), True),
    ("version", sa.Integer(), False),
    ("metadata", sa.JSON(), False),
)
HISTORY: Shared = (("recorded_at", Moment(), False), ("recorded_at_assumed", sa.Boolean(), False))


def _table(
    name: str,
    shared: Shared,
    *parts: sa.Column[Any] | sa.Constraint,
    owned: bool = False,
    indexes: tuple[tuple[str, ...], ...] = (),
) -> None:
    """Make a table of records or of history with what all of them have."""
    pairs = [sa.UniqueConstraint("organization_id", "id", name=op.f(f"uq_{name}_organization_id_id"))] if owned else []
    op.create_table(
        name,
        *(part for part in parts if isinstance(part, sa.Column)),
        *(sa.Column(column, kind, nullable=nullable) for column, kind, nullable in shared),
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("change_seq", sa.Integer(), nullable=False),
        *(part for part in parts if not isinstance(part, sa.Column)),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{name}_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *pairs,
    )
    for columns in (("change_seq",), ("organization_id",), *indexes):
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, list(columns))


def _within(name: str, column: str, target: str, *, deferred: bool = False) -> sa.ForeignKeyConstraint:
    """A key that cannot leave the organization."""
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{target}.organization_id", f"{target}.id"],
        name=op.f(f"fk_{name}_organization_id_{column}"),
        deferrable=deferred or None,
        initially="DEFERRED" if deferred else None,
    )


def upgrade() -> None:
    _table(
        "benchmarks",
        RECORD,
        sa.Column("metric", sa.String(length=100), nullable=False),
        sa.Column("industry", sa.String(length=100), nullable=True),
        sa.Column("size_band", sa.String(length=60), nullable=True),
        sa.Column("country", sa.String(length=100), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("lower_quartile", Money(), nullable=False),
        sa.Column("median", Money(), nullable=False),
        sa.Column("upper_quartile", Money(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("lower_quartile <= median", name=op.f("ck_benchmarks_lower_quartile_to_median")),
        sa.CheckConstraint("median <= upper_quartile", name=op.f("ck_benchmarks_median_to_upper_quartile")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_benchmarks_starts_on_to_ends_on")),
    )
    _table(
        "business_hours",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        owned=True,
    )
    _table(
        "custom_fields",
        RECORD,
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("privacy", sa.String(length=40), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_custom_fields_position_within_bounds")),
        sa.UniqueConstraint(
            "organization_id", "entity", "key", name=op.f("uq_custom_fields_organization_id_entity_key")
        ),
    )
    _table(
        "fx_rates",
        RECORD,
        sa.Column("from_currency", sa.String(length=3), nullable=False),
        sa.Column("to_currency", sa.String(length=3), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", Rate(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=True),
        sa.Column("fetched_at", Moment(), nullable=True),
        sa.CheckConstraint("rate >= 0", name=op.f("ck_fx_rates_rate_within_bounds")),
        sa.UniqueConstraint(
            "organization_id",
            "from_currency",
            "to_currency",
            "valid_on",
            name=op.f("uq_fx_rates_organization_id_from_currency_to_currency_valid_on"),
        ),
    )
    _table(
        "macros",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        owned=True,
    )
    _table(
        "price_books",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_standard", sa.Boolean(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_price_books_valid_from_to_valid_until")),
        owned=True,
    )
    _table(
        "applications",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("code", sa.JSON(), nullable=False),
        sa.Column("crm_integration", sa.JSON(), nullable=False),
        sa.Column("marketing_integration", sa.JSON(), nullable=False),
        sa.Column("support_integration", sa.JSON(), nullable=False),
        sa.Column("analytics_configuration", sa.JSON(), nullable=False),
        sa.Column("deployment_url", sa.String(length=500), nullable=True),
        sa.Column("usage_metrics", sa.JSON(), nullable=False),
        sa.Column("customer_impact", sa.JSON(), nullable=False),
        sa.Column("derived_as_of", Moment(), nullable=True),
        sa.Column("derived_model_version", sa.String(length=60), nullable=True),
        _within("applications", "owner_id", "memberships"),
        owned=True,
        indexes=(("owner_id",),),
    )
    _table(
        "knowledge_articles",
        RECORD,
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=100), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("author_id", Id(), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("article_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("article_version >= 1", name=op.f("ck_knowledge_articles_article_version_within_bounds")),
        _within("knowledge_articles", "author_id", "memberships"),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_knowledge_articles_organization_id_slug")),
        owned=True,
    )
    _table(
        "price_book_entries",
        RECORD,
        sa.Column("price_book_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("unit_price", Money(), nullable=False),
        sa.Column("least_quantity", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("least_quantity >= 1", name=op.f("ck_price_book_entries_least_quantity_within_bounds")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_price_book_entries_unit_price_within_bounds")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_price_book_entries_valid_from_to_valid_until")),
        _within("price_book_entries", "price_book_id", "price_books"),
        _within("price_book_entries", "product_id", "products"),
        sa.UniqueConstraint(
            "organization_id",
            "price_book_id",
            "product_id",
            "least_quantity",
            "valid_from",
            name=op.f("uq_price_book_entries_organization_id_price_book_id_product_id_least_quantity_valid_from"),
        ),
        indexes=(("price_book_id",), ("product_id",)),
    )
    _table(
        "segments",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _within("segments", "owner_id", "memberships"),
        owned=True,
    )
    _table(
        "sla_policies",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("first_reply_minutes", sa.Integer(), nullable=False),
        sa.Column("resolution_minutes", sa.Integer(), nullable=False),
        sa.Column("business_hours_id", Id(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("first_reply_minutes >= 1", name=op.f("ck_sla_policies_first_reply_minutes_within_bounds")),
        sa.CheckConstraint("resolution_minutes >= 1", name=op.f("ck_sla_policies_resolution_minutes_within_bounds")),
        _within("sla_policies", "business_hours_id", "business_hours"),
        owned=True,
    )
    _table(
        "territories",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_territory_id", Id(), nullable=True),
        sa.Column("lead_id", Id(), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        _within("territories", "lead_id", "memberships"),
        _within("territories", "parent_territory_id", "territories", deferred=True),
        owned=True,
    )
    _table(
        "application_customers",
        RECORD,
        sa.Column("application_id", Id(), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        _within("application_customers", "application_id", "applications"),
        _within("application_customers", "customer_id", "customers"),
        sa.UniqueConstraint(
            "organization_id",
            "application_id",
            "customer_id",
            name=op.f("uq_application_customers_organization_id_application_id_customer_id"),
        ),
        indexes=(("application_id",), ("customer_id",)),
    )
    _table(
        "application_workflows",
        RECORD,
        sa.Column("application_id", Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        _within("application_workflows", "application_id", "applications"),
        indexes=(("application_id",),),
    )
    _table(
        "assignment_rules",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("territory_id", Id(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_assignment_rules_position_within_bounds")),
        _within("assignment_rules", "territory_id", "territories"),
        owned=True,
    )
    _table(
        "campaigns",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("campaign_type", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("segment_id", Id(), nullable=True),
        sa.Column("target_audience", sa.JSON(), nullable=False),
        sa.Column("scheduled_start_on", sa.Date(), nullable=True),
        sa.Column("scheduled_end_on", sa.Date(), nullable=True),
        sa.Column("budget", Money(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("automation_rules", sa.JSON(), nullable=False),
        sa.Column("custom_fields", sa.JSON(), nullable=False),
        sa.Column("campaign_metrics", sa.JSON(), nullable=False),
        sa.Column("ai_optimization", sa.JSON(), nullable=False),
        sa.Column("derived_as_of", Moment(), nullable=True),
        sa.Column("derived_model_version", sa.String(length=60), nullable=True),
        sa.CheckConstraint("budget >= 0", name=op.f("ck_campaigns_budget_within_bounds")),
        sa.CheckConstraint(
            "scheduled_start_on <= scheduled_end_on", name=op.f("ck_campaigns_scheduled_start_on_to_scheduled_end_on")
        ),
        _within("campaigns", "owner_id", "memberships"),
        _within("campaigns", "segment_id", "segments"),
        owned=True,
        indexes=(("owner_id",),),
    )
    _table(
        "customer_status_changes",
        HISTORY,
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        _within("customer_status_changes", "customer_id", "customers"),
        indexes=(("customer_id",),),
    )
    _table(
        "knowledge_article_versions",
        HISTORY,
        sa.Column("article_id", Id(), nullable=False),
        sa.Column("article_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("edited_by", Id(), nullable=True),
        _within("knowledge_article_versions", "article_id", "knowledge_articles"),
        sa.UniqueConstraint(
            "organization_id",
            "article_id",
            "article_version",
            name=op.f("uq_knowledge_article_versions_organization_id_article_id_article_version"),
        ),
        indexes=(("article_id",),),
    )
    _table(
        "knowledge_article_views",
        HISTORY,
        sa.Column("article_id", Id(), nullable=False),
        sa.Column("customer_id", Id(), nullable=True),
        sa.Column("viewed_at", Moment(), nullable=False),
        sa.Column("was_helpful", sa.Boolean(), nullable=True),
        _within("knowledge_article_views", "article_id", "knowledge_articles"),
        _within("knowledge_article_views", "customer_id", "customers"),
        indexes=(("article_id",),),
    )
    _table(
        "quotas",
        RECORD,
        sa.Column("membership_id", Id(), nullable=True),
        sa.Column("territory_id", Id(), nullable=True),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_quotas_amount_within_bounds")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_quotas_starts_on_to_ends_on")),
        _within("quotas", "membership_id", "memberships"),
        _within("quotas", "territory_id", "territories"),
        indexes=(("membership_id",), ("territory_id",)),
    )
    _table(
        "territory_members",
        RECORD,
        sa.Column("territory_id", Id(), nullable=False),
        sa.Column("membership_id", Id(), nullable=False),
        _within("territory_members", "membership_id", "memberships"),
        _within("territory_members", "territory_id", "territories"),
        sa.UniqueConstraint(
            "territory_id", "membership_id", name=op.f("uq_territory_members_territory_id_membership_id")
        ),
        indexes=(("membership_id",),),
    )
    _table(
        "usage_events",
        HISTORY,
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("application_id", Id(), nullable=True),
        sa.Column("product_id", Id(), nullable=True),
        sa.Column("feature", sa.String(length=60), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("active_users", sa.Integer(), nullable=True),
        sa.CheckConstraint("active_users >= 0", name=op.f("ck_usage_events_active_users_within_bounds")),
        sa.CheckConstraint("events >= 0", name=op.f("ck_usage_events_events_within_bounds")),
        _within("usage_events", "application_id", "applications"),
        _within("usage_events", "customer_id", "customers"),
        _within("usage_events", "product_id", "products"),
        indexes=(("customer_id",),),
    )
    _table(
        "assignment_rule_members",
        RECORD,
        sa.Column("assignment_rule_id", Id(), nullable=False),
        sa.Column("membership_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_assignment_rule_members_position_within_bounds")),
        _within("assignment_rule_members", "assignment_rule_id", "assignment_rules"),
        _within("assignment_rule_members", "membership_id", "memberships"),
        sa.UniqueConstraint(
            "assignment_rule_id",
            "membership_id",
            name=op.f("uq_assignment_rule_members_assignment_rule_id_membership_id"),
        ),
        indexes=(("membership_id",),),
    )
    _table(
        "campaign_contents",
        RECORD,
        sa.Column("campaign_id", Id(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("variant", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=True),
        _within("campaign_contents", "campaign_id", "campaigns"),
        owned=True,
        indexes=(("campaign_id",),),
    )
    _table(
        "campaign_daily_costs",
        RECORD,
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=True),
        sa.Column("clicks", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_campaign_daily_costs_amount_within_bounds")),
        sa.CheckConstraint("clicks >= 0", name=op.f("ck_campaign_daily_costs_clicks_within_bounds")),
        sa.CheckConstraint("impressions >= 0", name=op.f("ck_campaign_daily_costs_impressions_within_bounds")),
        _within("campaign_daily_costs", "campaign_id", "campaigns"),
        sa.UniqueConstraint(
            "organization_id",
            "campaign_id",
            "channel",
            "spent_on",
            name=op.f("uq_campaign_daily_costs_organization_id_campaign_id_channel_spent_on"),
        ),
        indexes=(("campaign_id",),),
    )
    _table(
        "campaign_members",
        RECORD,
        sa.Column("campaign_id", Id(), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("is_control", sa.Boolean(), nullable=False),
        _within("campaign_members", "campaign_id", "campaigns"),
        _within("campaign_members", "contact_id", "contacts"),
        _within("campaign_members", "customer_id", "customers"),
        sa.UniqueConstraint(
            "organization_id",
            "campaign_id",
            "customer_id",
            "contact_id",
            name=op.f("uq_campaign_members_organization_id_campaign_id_customer_id_contact_id"),
        ),
        indexes=(("campaign_id",), ("customer_id",)),
    )
    _table(
        "forms",
        RECORD,
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", Id(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _within("forms", "campaign_id", "campaigns"),
        owned=True,
    )
    _table(
        "suppressions",
        RECORD,
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("customer_id", Id(), nullable=True),
        sa.Column("contact_id", Id(), nullable=True),
        _within("suppressions", "contact_id", "contacts"),
        _within("suppressions", "customer_id", "customers"),
        indexes=(("address",), ("customer_id",)),
    )
    _table(
        "tickets",
        RECORD,
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", Id(), nullable=True),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("assigned_agent_id", Id(), nullable=True),
        sa.Column("sla_policy_id", Id(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("first_replied_at", Moment(), nullable=True),
        sa.Column("first_reply_due_at", Moment(), nullable=True),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.Column("resolution_due_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("customer_satisfaction", sa.Integer(), nullable=True),
        sa.Column("custom_fields", sa.JSON(), nullable=False),
        sa.Column("resolution_minutes", sa.Integer(), nullable=True),
        sa.Column("ai_suggested_resolution", sa.JSON(), nullable=False),
        sa.Column("derived_as_of", Moment(), nullable=True),
        sa.Column("derived_model_version", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "customer_satisfaction >= 1 and customer_satisfaction <= 5",
            name=op.f("ck_tickets_customer_satisfaction_within_bounds"),
        ),
        sa.CheckConstraint("opened_at <= resolved_at", name=op.f("ck_tickets_opened_at_to_resolved_at")),
        _within("tickets", "assigned_agent_id", "memberships"),
        _within("tickets", "contact_id", "contacts"),
        _within("tickets", "customer_id", "customers"),
        _within("tickets", "sla_policy_id", "sla_policies"),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_tickets_organization_id_number")),
        owned=True,
        indexes=(("assigned_agent_id",), ("customer_id",), ("organization_id", "status")),
    )
    _table(
        "consents",
        HISTORY,
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("form_id", Id(), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=True),
        _within("consents", "contact_id", "contacts"),
        _within("consents", "customer_id", "customers"),
        _within("consents", "form_id", "forms"),
        indexes=(("contact_id",), ("customer_id",)),
    )
    _table(
        "landing_pages",
        RECORD,
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("campaign_id", Id(), nullable=True),
        sa.Column("form_id", Id(), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        _within("landing_pages", "campaign_id", "campaigns"),
        _within("landing_pages", "form_id", "forms"),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_landing_pages_organization_id_slug")),
        owned=True,
    )
    _table(
        "quotes",
        RECORD,
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_of_id", Id(), nullable=True),
        sa.Column("opportunity_id", Id(), nullable=True),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("sales_rep_id", Id(), nullable=True),
        sa.Column("price_book_id", Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("subtotal", Money(), nullable=False),
        sa.Column("tax", Money(), nullable=False),
        sa.Column("total", Money(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.CheckConstraint("issued_on <= valid_until", name=op.f("ck_quotes_issued_on_to_valid_until")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_quotes_revision_within_bounds")),
        _within("quotes", "customer_id", "customers"),
        _within("quotes", "opportunity_id", "opportunities"),
        _within("quotes", "price_book_id", "price_books"),
        _within("quotes", "revision_of_id", "quotes", deferred=True),
        _within("quotes", "sales_rep_id", "memberships"),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_quotes_organization_id_number")),
        owned=True,
        indexes=(("customer_id",), ("opportunity_id",), ("sales_rep_id",)),
    )
    _table(
        "satisfaction_responses",
        HISTORY,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.CheckConstraint("score >= 1 and score <= 5", name=op.f("ck_satisfaction_responses_score_within_bounds")),
        _within("satisfaction_responses", "contact_id", "contacts"),
        _within("satisfaction_responses", "ticket_id", "tickets"),
        indexes=(("ticket_id",),),
    )
    _table(
        "ticket_applications",
        RECORD,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("application_id", Id(), nullable=False),
        _within("ticket_applications", "application_id", "applications"),
        _within("ticket_applications", "ticket_id", "tickets"),
        sa.UniqueConstraint(
            "organization_id",
            "ticket_id",
            "application_id",
            name=op.f("uq_ticket_applications_organization_id_ticket_id_application_id"),
        ),
        indexes=(("application_id",), ("ticket_id",)),
    )
    _table(
        "ticket_articles",
        RECORD,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("article_id", Id(), nullable=False),
        _within("ticket_articles", "article_id", "knowledge_articles"),
        _within("ticket_articles", "ticket_id", "tickets"),
        sa.UniqueConstraint(
            "organization_id",
            "ticket_id",
            "article_id",
            name=op.f("uq_ticket_articles_organization_id_ticket_id_article_id"),
        ),
        indexes=(("article_id",), ("ticket_id",)),
    )
    _table(
        "ticket_escalations",
        HISTORY,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("from_member_id", Id(), nullable=True),
        sa.Column("to_member_id", Id(), nullable=True),
        sa.Column("escalated_at", Moment(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("level >= 1 and level <= 9", name=op.f("ck_ticket_escalations_level_within_bounds")),
        _within("ticket_escalations", "from_member_id", "memberships"),
        _within("ticket_escalations", "ticket_id", "tickets"),
        _within("ticket_escalations", "to_member_id", "memberships"),
        indexes=(("ticket_id",),),
    )
    _table(
        "ticket_messages",
        RECORD,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("member_id", Id(), nullable=True),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _within("ticket_messages", "contact_id", "contacts"),
        _within("ticket_messages", "member_id", "memberships"),
        _within("ticket_messages", "ticket_id", "tickets"),
        indexes=(("ticket_id",),),
    )
    _table(
        "ticket_status_changes",
        HISTORY,
        sa.Column("ticket_id", Id(), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        _within("ticket_status_changes", "ticket_id", "tickets"),
        indexes=(("ticket_id",),),
    )
    _table(
        "contracts",
        RECORD,
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("opportunity_id", Id(), nullable=True),
        sa.Column("quote_id", Id(), nullable=True),
        sa.Column("sales_rep_id", Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("value", Money(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("renews_itself", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "notice_days >= 0 and notice_days <= 3650", name=op.f("ck_contracts_notice_days_within_bounds")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_contracts_starts_on_to_ends_on")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_contracts_value_within_bounds")),
        _within("contracts", "customer_id", "customers"),
        _within("contracts", "opportunity_id", "opportunities"),
        _within("contracts", "quote_id", "quotes"),
        _within("contracts", "sales_rep_id", "memberships"),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_contracts_organization_id_number")),
        owned=True,
        indexes=(("customer_id",), ("opportunity_id",)),
    )
    _table(
        "interactions",
        HISTORY,
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("customer_id", Id(), nullable=True),
        sa.Column("contact_id", Id(), nullable=True),
        sa.Column("campaign_id", Id(), nullable=True),
        sa.Column("content_id", Id(), nullable=True),
        sa.Column("opportunity_id", Id(), nullable=True),
        sa.Column("form_id", Id(), nullable=True),
        sa.Column("landing_page_id", Id(), nullable=True),
        sa.Column("utm_source", sa.String(length=100), nullable=True),
        sa.Column("utm_medium", sa.String(length=100), nullable=True),
        sa.Column("utm_campaign", sa.String(length=100), nullable=True),
        sa.Column("utm_term", sa.String(length=100), nullable=True),
        sa.Column("utm_content", sa.String(length=100), nullable=True),
        sa.Column("is_machine", sa.Boolean(), nullable=False),
        _within("interactions", "campaign_id", "campaigns"),
        _within("interactions", "contact_id", "contacts"),
        _within("interactions", "content_id", "campaign_contents"),
        _within("interactions", "customer_id", "customers"),
        _within("interactions", "form_id", "forms"),
        _within("interactions", "landing_page_id", "landing_pages"),
        _within("interactions", "opportunity_id", "opportunities"),
        indexes=(("campaign_id",), ("customer_id",)),
    )
    _table(
        "quote_lines",
        RECORD,
        sa.Column("quote_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("quantity", Money(), nullable=False),
        sa.Column("unit_price", Money(), nullable=False),
        sa.Column("discount_percent", Money(), nullable=False),
        sa.Column("tax_percent", Money(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("tax_amount", Money(), nullable=False),
        sa.CheckConstraint("discount_percent >= 0", name=op.f("ck_quote_lines_discount_percent_within_bounds")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_quote_lines_position_within_bounds")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_quote_lines_quantity_within_bounds")),
        sa.CheckConstraint("tax_percent >= 0", name=op.f("ck_quote_lines_tax_percent_within_bounds")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_quote_lines_unit_price_within_bounds")),
        _within("quote_lines", "product_id", "products"),
        _within("quote_lines", "quote_id", "quotes"),
        indexes=(("product_id",), ("quote_id",)),
    )
    _table(
        "signature_events",
        HISTORY,
        sa.Column("contract_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_email", sa.String(length=320), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=True),
        _within("signature_events", "contract_id", "contracts"),
        indexes=(("contract_id",),),
    )
    _table(
        "subscriptions",
        RECORD,
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=True),
        sa.Column("contract_id", Id(), nullable=True),
        sa.Column("opportunity_id", Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("billing_period", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("monthly_value", Money(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_subscriptions_quantity_within_bounds")),
        sa.CheckConstraint("started_on <= ended_on", name=op.f("ck_subscriptions_started_on_to_ended_on")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_subscriptions_unit_price_within_bounds")),
        _within("subscriptions", "contract_id", "contracts"),
        _within("subscriptions", "customer_id", "customers"),
        _within("subscriptions", "opportunity_id", "opportunities"),
        _within("subscriptions", "product_id", "products"),
        owned=True,
        indexes=(("customer_id",), ("product_id",)),
    )
    _table(
        "invoices",
        RECORD,
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("subscription_id", Id(), nullable=True),
        sa.Column("contract_id", Id(), nullable=True),
        sa.Column("opportunity_id", Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_terms_days", sa.Integer(), nullable=False),
        sa.Column("subtotal", Money(), nullable=False),
        sa.Column("tax", Money(), nullable=False),
        sa.Column("total", Money(), nullable=False),
        sa.Column("amount_paid", Money(), nullable=False),
        sa.Column("amount_credited", Money(), nullable=False),
        sa.Column("dunning_level", sa.Integer(), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "dunning_level >= 0 and dunning_level <= 9", name=op.f("ck_invoices_dunning_level_within_bounds")
        ),
        sa.CheckConstraint("issued_on <= due_on", name=op.f("ck_invoices_issued_on_to_due_on")),
        sa.CheckConstraint(
            "payment_terms_days >= 0 and payment_terms_days <= 3650",
            name=op.f("ck_invoices_payment_terms_days_within_bounds"),
        ),
        _within("invoices", "contract_id", "contracts"),
        _within("invoices", "customer_id", "customers"),
        _within("invoices", "opportunity_id", "opportunities"),
        _within("invoices", "subscription_id", "subscriptions"),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_invoices_organization_id_number")),
        owned=True,
        indexes=(("customer_id",), ("subscription_id",)),
    )
    _table(
        "subscription_changes",
        HISTORY,
        sa.Column("subscription_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("monthly_value", Money(), nullable=False),
        sa.Column("monthly_value_change", Money(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        _within("subscription_changes", "subscription_id", "subscriptions"),
        indexes=(("subscription_id",),),
    )
    _table(
        "credit_notes",
        RECORD,
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("invoice_id", Id(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_credit_notes_amount_within_bounds")),
        _within("credit_notes", "invoice_id", "invoices"),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_credit_notes_organization_id_number")),
        indexes=(("invoice_id",),),
    )
    _table(
        "invoice_lines",
        RECORD,
        sa.Column("invoice_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=True),
        sa.Column("subscription_id", Id(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("quantity", Money(), nullable=False),
        sa.Column("unit_price", Money(), nullable=False),
        sa.Column("discount_percent", Money(), nullable=False),
        sa.Column("tax_percent", Money(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("tax_amount", Money(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_until", sa.Date(), nullable=True),
        sa.CheckConstraint("discount_percent >= 0", name=op.f("ck_invoice_lines_discount_percent_within_bounds")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_invoice_lines_position_within_bounds")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_invoice_lines_quantity_within_bounds")),
        sa.CheckConstraint(
            "service_from <= service_until", name=op.f("ck_invoice_lines_service_from_to_service_until")
        ),
        sa.CheckConstraint("tax_percent >= 0", name=op.f("ck_invoice_lines_tax_percent_within_bounds")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_invoice_lines_unit_price_within_bounds")),
        _within("invoice_lines", "invoice_id", "invoices"),
        _within("invoice_lines", "product_id", "products"),
        _within("invoice_lines", "subscription_id", "subscriptions"),
        owned=True,
        indexes=(("invoice_id",), ("product_id",)),
    )
    _table(
        "payments",
        RECORD,
        sa.Column("invoice_id", Id(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("failure_reason", sa.String(length=100), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payments_amount_within_bounds")),
        _within("payments", "invoice_id", "invoices"),
        owned=True,
        indexes=(("invoice_id",),),
    )
    _table(
        "refunds",
        RECORD,
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refunds_amount_within_bounds")),
        _within("refunds", "payment_id", "payments"),
        indexes=(("payment_id",),),
    )
    _table(
        "revenue_schedule_entries",
        RECORD,
        sa.Column("invoice_line_id", Id(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        _within("revenue_schedule_entries", "invoice_line_id", "invoice_lines"),
        sa.UniqueConstraint(
            "organization_id",
            "invoice_line_id",
            "month",
            name=op.f("uq_revenue_schedule_entries_organization_id_invoice_line_id_month"),
        ),
        indexes=(("invoice_line_id",),),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("churned_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("is_sale_of_data_refused", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("attribution", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("engagement_score", sa.Integer(), nullable=True))

    with op.batch_alter_table("opportunities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_id", Id(), nullable=True))
        batch_op.add_column(sa.Column("territory_id", Id(), nullable=True))
        batch_op.add_column(sa.Column("campaign_id", Id(), nullable=True))
        batch_op.add_column(sa.Column("custom_fields", sa.JSON(), server_default="{}", nullable=False))
        batch_op.create_index(batch_op.f("ix_opportunities_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_opportunities_organization_id_campaign_id"),
            "campaigns",
            ["organization_id", "campaign_id"],
            ["organization_id", "id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_opportunities_organization_id_contact_id"),
            "contacts",
            ["organization_id", "contact_id"],
            ["organization_id", "id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_opportunities_organization_id_territory_id"),
            "territories",
            ["organization_id", "territory_id"],
            ["organization_id", "id"],
        )

    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sku", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("billing_period", sa.String(length=40), server_default="once", nullable=False))
        for column in ("list_price", "cost"):
            batch_op.create_check_constraint(batch_op.f(f"ck_products_{column}_within_bounds"), f"{column} >= 0")


def downgrade() -> None:
    with op.batch_alter_table("products", schema=None) as batch_op:
        for column in ("list_price", "cost"):
            batch_op.drop_constraint(batch_op.f(f"ck_products_{column}_within_bounds"), type_="check")
        batch_op.drop_column("billing_period")
        batch_op.drop_column("sku")
    with op.batch_alter_table("opportunities", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_opportunities_organization_id_territory_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_opportunities_organization_id_contact_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_opportunities_organization_id_campaign_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_opportunities_campaign_id"))
        batch_op.drop_column("custom_fields")
        batch_op.drop_column("campaign_id")
        batch_op.drop_column("territory_id")
        batch_op.drop_column("contact_id")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_column("engagement_score")
        batch_op.drop_column("attribution")
        batch_op.drop_column("is_sale_of_data_refused")
        batch_op.drop_column("churned_on")
    for name in (
        "revenue_schedule_entries",
        "refunds",
        "payments",
        "invoice_lines",
        "credit_notes",
        "subscription_changes",
        "invoices",
        "subscriptions",
        "signature_events",
        "quote_lines",
        "interactions",
        "contracts",
        "ticket_status_changes",
        "ticket_messages",
        "ticket_escalations",
        "ticket_articles",
        "ticket_applications",
        "satisfaction_responses",
        "quotes",
        "landing_pages",
        "consents",
        "tickets",
        "suppressions",
        "forms",
        "campaign_members",
        "campaign_daily_costs",
        "campaign_contents",
        "assignment_rule_members",
        "usage_events",
        "territory_members",
        "quotas",
        "knowledge_article_views",
        "knowledge_article_versions",
        "customer_status_changes",
        "campaigns",
        "assignment_rules",
        "application_workflows",
        "application_customers",
        "territories",
        "sla_policies",
        "segments",
        "price_book_entries",
        "knowledge_articles",
        "applications",
        "price_books",
        "macros",
        "fx_rates",
        "custom_fields",
        "business_hours",
        "benchmarks",
    ):
        op.drop_table(name)
