"""Promises that hold for every table: privacy tags, shared columns, keys that stay inside an organization."""

from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, Table

from warehouse.oltp import migrate
from warehouse.oltp.base import Base, Record
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
    "invitations": "are sent, accepted or withdrawn, never edited; the lake asks nothing of them",
    "organization_settings": "are the organization itself, where the lake asks nothing",
    "departures": "are what remains of an organization that was deleted",
    "external_ids": "are a memory of imports, keyed by the foreign key",
    "audit_events": "are appended and chained, never edited",
    "audit_releases": "are appended, and outlive the organization they name",
    "notices": "are told and read, never edited",
    "change_events": "are appended; their number is the lake's clock",
    "check_results": "are appended by builds and imports",
    "receipts": "are written once, under a digest of what they hold",
    "job_requests": "are messages to the clock",
    "opportunity_stage_changes": "are history: appended, never edited",
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


def test_a_next_step_has_a_day_it_is_due_and_a_moment_it_was_done() -> None:
    assert {"due_on", "done_at", "opportunity_id"} <= set(Base.metadata.tables["activities"].c.keys())
