"""Promises that hold for every table: privacy tags, shared columns, keys that stay inside an organization."""

from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from warehouse.oltp import migrate
from warehouse.oltp.base import Base, HistoryRow, Record
from warehouse.oltp.engine import engine
from warehouse.oltp.projection import ROOMS, copied_tables

assert ROOMS
TABLES = list(Base.metadata.tables.values())

RECORD = {
    "id",
    "organization_id",
    "change_seq",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "version",
    "metadata",
}

EXCEPTIONS = {
    "organizations": "is the organization itself",
    "users": "belong to the installation: a person may work in several organizations",
    "sessions": "are opened and revoked, never edited",
    "sign_in_attempts": "are counted for a while, of people we know or not",
    "authenticators": "belong to people, not to organizations",
    "recovery_codes": "belong to people, and are used once",
    "password_resets": "belong to people, and are used once",
    "error_groups": "belong to the installation, and are counted",
    "outbox": "are messages, of an organization or of the installation",
    "files": "are kept and removed, never edited; the lake asks nothing of them",
    "saved_dashboards": "keep their own versions; the lake asks nothing of them",
    "defined_metrics": "keep their own versions; the lake asks nothing of them",
    "alerts": "keep their own versions, and move on by what is read",
    "alert_events": "are appended; the lake asks nothing of them",
    "report_schedules": "are changed and stopped; the lake asks nothing of them",
    "notification_choices": "are one member's wishes; the lake asks nothing of them",
    "hook_calls": "are messages on their way",
    "invitations": "are sent, accepted or withdrawn, never edited; the lake asks nothing of them",
    "organization_settings": "are the organization itself, where the lake asks nothing",
    "hook_secrets": "are made, renewed and taken away; the lake asks nothing of them",
    "hook_deliveries": "are taken once, and forgotten after a while",
    "connections": "keep their own versions; the lake asks nothing of them",
    "connection_syncs": "are appended when a sync ends",
    "external_identities": "follow what a vendor has, keyed by its id",
    "undeclared_fields": "are counted, and forgotten after a while",
    "departures": "are what remains of an organization that was deleted",
    "external_ids": "are a memory of imports, keyed by the foreign key",
    "audit_events": "are appended and chained, never edited",
    "audit_releases": "are appended, and outlive the organization they name",
    "notices": "are told and read, never edited",
    "change_events": "are appended; their number is the lake's clock",
    "check_results": "are appended by builds and imports",
    "receipts": "are written once, under a digest of what they hold",
    "job_requests": "are messages to the clock",
    **{kind.__tablename__: "is history: appended, never edited" for kind in HistoryRow.__subclasses__()},
}

MISSION = {
    "User.id": "users.id",
    "User.email": "users.email",
    "User.profile": "users.profile",
    "User.businessRole": "memberships.business_role",
    "User.permissions": "role_grants",
    "User.preferences": "users.preferences",
    "User.organizationId": "memberships.organization_id",
    "User.lastActive": "users.last_active_at",
    "Customer.id": "customers.id",
    "Customer.organizationId": "customers.organization_id",
    "Customer.personalInfo.name": "customers.name",
    "Customer.personalInfo.email": "customers.email",
    "Customer.personalInfo.phone": "customers.phone",
    "Customer.personalInfo.company": "customers.company",
    "Customer.personalInfo.title": "customers.title",
    "Customer.personalInfo.address": "customers.address",
    "Customer.customerStatus": "customers.status",
    "Customer.customerType": "customers.customer_type",
    "Customer.customerValue": "customers.lifetime_value",
    "Customer.acquisitionSource": "customers.acquisition_source",
    "Customer.assignedSalesRep": "customers.assigned_sales_rep_id",
    "Customer.customerHealth.score": "customers.health_score",
    "Customer.customerHealth.factors": "customers.health_factors",
    "Customer.customerHealth.engagement": "customers.engagement_score",
    "Customer.customerStatus, its history": "customer_status_changes",
    "Customer.acquisitionSource, attributed": "customers.attribution",
    "Customer.customFields": "customers.custom_fields",
    "Customer.createdAt": "customers.created_at",
    "Customer.updatedAt": "customers.updated_at",
    "SalesOpportunity.id": "opportunities.id",
    "SalesOpportunity.organizationId": "opportunities.organization_id",
    "SalesOpportunity.customerId": "opportunities.customer_id",
    "SalesOpportunity.opportunityName": "opportunities.name",
    "SalesOpportunity.opportunityValue": "opportunities.amount",
    "SalesOpportunity.probability": "opportunities.probability",
    "SalesOpportunity.probability, set by hand": "opportunities.probability_override",
    "SalesOpportunity.stage": "opportunities.stage",
    "SalesOpportunity.stage, its history": "opportunity_stage_changes",
    "SalesOpportunity.expectedCloseDate": "opportunities.expected_close_on",
    "SalesOpportunity.actualCloseDate": "opportunities.closed_on",
    "SalesOpportunity.salesRep": "opportunities.sales_rep_id",
    "SalesOpportunity.products": "opportunity_line_items",
    "SalesOpportunity.competitorInfo": "opportunities.competitor_info",
    "SalesOpportunity.nextSteps": "activities",
    "SalesOpportunity.aiInsights": "opportunities.ai_insights",
    "SalesOpportunity.createdAt": "opportunities.created_at",
    "SalesOpportunity 1-n SalesQuote": "quotes.opportunity_id",
    "SalesOpportunity 1-n SalesActivity": "activities.opportunity_id",
    "SalesOpportunity n-n MarketingCampaign": "interactions.opportunity_id",
    "MarketingCampaign.id": "campaigns.id",
    "MarketingCampaign.organizationId": "campaigns.organization_id",
    "MarketingCampaign.campaignName": "campaigns.name",
    "MarketingCampaign.campaignType": "campaigns.campaign_type",
    "MarketingCampaign.campaignStatus": "campaigns.status",
    "MarketingCampaign.targetAudience": "campaigns.target_audience",
    "MarketingCampaign.campaignContent": "campaign_contents.campaign_id",
    "MarketingCampaign.scheduledStart": "campaigns.scheduled_start_on",
    "MarketingCampaign.scheduledEnd": "campaigns.scheduled_end_on",
    "MarketingCampaign.budget": "campaigns.budget",
    "MarketingCampaign.channels": "campaigns.channels",
    "MarketingCampaign.automationRules": "campaigns.automation_rules",
    "MarketingCampaign.campaignMetrics": "campaigns.campaign_metrics",
    "MarketingCampaign.aiOptimization": "campaigns.ai_optimization",
    "MarketingCampaign.createdBy": "campaigns.created_by",
    "MarketingCampaign.createdAt": "campaigns.created_at",
    "MarketingCampaign n-n Customer": "campaign_members.customer_id",
    "MarketingCampaign 1-n MarketingInteraction": "interactions.campaign_id",
    "MarketingCampaign 1-n SalesOpportunity": "opportunities.campaign_id",
    "SupportTicket.id": "tickets.id",
    "SupportTicket.organizationId": "tickets.organization_id",
    "SupportTicket.customerId": "tickets.customer_id",
    "SupportTicket.ticketSubject": "tickets.subject",
    "SupportTicket.ticketDescription": "tickets.description",
    "SupportTicket.ticketStatus": "tickets.status",
    "SupportTicket.ticketStatus, its history": "ticket_status_changes",
    "SupportTicket.priority": "tickets.priority",
    "SupportTicket.category": "tickets.category",
    "SupportTicket.assignedAgent": "tickets.assigned_agent_id",
    "SupportTicket.resolutionTime": "tickets.resolution_minutes",
    "SupportTicket.customerSatisfaction": "tickets.customer_satisfaction",
    "SupportTicket.aiSuggestedResolution": "tickets.ai_suggested_resolution",
    "SupportTicket.relatedApplications": "ticket_applications",
    "SupportTicket.communicationHistory": "ticket_messages",
    "SupportTicket.escalationPath": "ticket_escalations",
    "SupportTicket.knowledgeBaseLinks": "ticket_articles",
    "SupportTicket.createdAt": "tickets.created_at",
    "SupportTicket.resolvedAt": "tickets.resolved_at",
    "BusinessApplication.id": "applications.id",
    "BusinessApplication.organizationId": "applications.organization_id",
    "BusinessApplication.userId": "applications.owner_id",
    "BusinessApplication.applicationName": "applications.name",
    "BusinessApplication.applicationCode": "applications.code",
    "BusinessApplication.crmIntegration": "applications.crm_integration",
    "BusinessApplication.marketingIntegration": "applications.marketing_integration",
    "BusinessApplication.supportIntegration": "applications.support_integration",
    "BusinessApplication.businessWorkflows": "application_workflows",
    "BusinessApplication.analyticsConfiguration": "applications.analytics_configuration",
    "BusinessApplication.deploymentUrl": "applications.deployment_url",
    "BusinessApplication.status": "applications.status",
    "BusinessApplication.usageMetrics": "applications.usage_metrics",
    "BusinessApplication.customerImpact": "applications.customer_impact",
    "BusinessApplication.createdAt": "applications.created_at",
    "BusinessApplication n-n Customer": "application_customers.customer_id",
}


def _of_an_organization(table: Table) -> bool:
    return "organization_id" in table.c


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_column_says_how_private_it_is(table: Table) -> None:
    silent = [c.name for c in table.c if c.info.get("privacy") not in {"personal", "restricted", "business"}]
    assert silent == []


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_table_has_the_shared_columns_or_stands_in_the_one_list(table: Table) -> None:
    assert (set(table.c.keys()) >= RECORD) != (table.name in EXCEPTIONS)


def test_the_list_of_exceptions_names_only_tables_there_are() -> None:
    assert set(EXCEPTIONS) <= set(Base.metadata.tables)


def test_the_shared_columns_are_those_a_record_declares() -> None:
    declared = {name for kind in Record.__mro__ for name in vars(kind).get("__annotations__", {})}
    assert {name.rstrip("_") for name in declared - {"responsible"}} | {"organization_id"} == RECORD


@pytest.mark.parametrize("table", [t for t in TABLES if _of_an_organization(t)], ids=str)
def test_a_key_between_records_cannot_leave_the_organization(table: Table) -> None:
    within = [
        c for c in table.constraints if isinstance(c, ForeignKeyConstraint) and _of_an_organization(c.referred_table)
    ]
    for key in within:
        pairs = {(one.parent.name, one.column.name) for one in key.elements}
        assert ("organization_id", "organization_id") in pairs, key.name
        assert len(pairs) == 2, key.name


@pytest.mark.parametrize("table", [t for t in TABLES if _of_an_organization(t)], ids=str)
def test_a_column_named_for_a_record_is_a_key_to_it(table: Table) -> None:
    loose = {"entity_id", "audit_event_id", "actor_id", "record_id", "build_id", "snapshot_id", "organization_id"}
    named = {c.name for c in table.c if c.name.endswith("_id")} - loose
    assert named <= {fk.parent.name for fk in table.foreign_keys}


@pytest.mark.parametrize("table", copied_tables(), ids=str)
def test_what_the_ingest_asks_for_is_indexed(table: Table) -> None:
    assert any([column.name for column in index.columns] == ["change_seq"] for index in table.indexes)


def test_the_migrations_make_exactly_the_schema_of_the_metadata(store: Path) -> None:
    assert migrate.differences() == []


@pytest.mark.embedded
def test_every_bound_of_the_metadata_is_in_the_store(store: Path) -> None:
    with engine().connect() as connection:
        made = dict(connection.exec_driver_sql("select name, sql from sqlite_master where type = 'table'").all())
    rules = [(t.name, str(rule.name)) for t in TABLES for rule in t.constraints if isinstance(rule, CheckConstraint)]
    assert [rule for table, rule in rules if rule not in made[table]] == []


def test_a_schema_that_lacks_a_column_is_seen_to_differ(store: Path) -> None:
    with engine().execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("alter table products drop column series")
    assert "series" in str(migrate.differences())


def test_migrating_twice_changes_nothing(store: Path) -> None:
    assert migrate.upgrade() is False


@pytest.mark.parametrize(("told", "home"), MISSION.items(), ids=MISSION.keys())
def test_every_field_of_the_mission_has_a_home(told: str, home: str) -> None:
    table, _, column = home.partition(".")
    assert table in Base.metadata.tables
    assert not column or column in Base.metadata.tables[table].c


DERIVED = {
    "customers": {"lifetime_value", "attribution", "health_score", "health_factors", "engagement_score"},
    "opportunities": {"probability", "ai_insights"},
    "campaigns": {"campaign_metrics", "ai_optimization"},
    "tickets": {"resolution_minutes", "ai_suggested_resolution"},
    "applications": {"usage_metrics", "customer_impact"},
}


def test_what_is_found_out_says_from_when_and_by_which_model() -> None:
    told = {t.name: {c.name for c in t.c if c.info.get("derived")} for t in TABLES}
    expected = {name: columns | {"derived_as_of", "derived_model_version"} for name, columns in DERIVED.items()}
    assert {name: columns for name, columns in told.items() if columns} == expected


def test_a_next_step_has_a_day_it_is_due_and_a_moment_it_was_done() -> None:
    assert {"due_on", "done_at", "opportunity_id"} <= set(Base.metadata.tables["activities"].c.keys())
