"""Applications that were generated for customers: what they are made of, where they run, whom they serve."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, DERIVED, PERSONAL, Base, Record, in_organization, owned_key
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class ApplicationStatus(State):
    """Where an application stands."""

    GENERATING = "generating"
    TESTING = "testing"
    DEPLOYED = "deployed"
    INTEGRATED = "integrated"
    ARCHIVED = "archived"


APPLICATION_FLOW: Flow = {
    ApplicationStatus.GENERATING: {ApplicationStatus.TESTING, ApplicationStatus.ARCHIVED},
    ApplicationStatus.TESTING: {
        ApplicationStatus.GENERATING,
        ApplicationStatus.DEPLOYED,
        ApplicationStatus.ARCHIVED,
    },
    ApplicationStatus.DEPLOYED: {
        ApplicationStatus.INTEGRATED,
        ApplicationStatus.TESTING,
        ApplicationStatus.ARCHIVED,
    },
    ApplicationStatus.INTEGRATED: {ApplicationStatus.TESTING, ApplicationStatus.ARCHIVED},
    ApplicationStatus.ARCHIVED: set(),
}


class Application(Record, Base):
    """A generated application: a declaration of what it is, and how it hangs together with the rooms."""

    __tablename__ = "applications"
    responsible = "owner_id"
    __table_args__ = (owned_key(), in_organization("owner_id", "memberships"))

    name: Mapped[str] = mapped_column(info=BUSINESS)
    description: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    owner_id: Mapped[str | None] = mapped_column(Id(), index=True, info=BUSINESS)
    status: Mapped[ApplicationStatus] = mapped_column(default=ApplicationStatus.GENERATING, info=BUSINESS)
    code: Mapped[dict[str, Any]] = mapped_column(default=dict, info=PERSONAL)
    """Components, endpoints and workflows, declared."""
    crm_integration: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    marketing_integration: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    support_integration: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    analytics_configuration: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)
    deployment_url: Mapped[str | None] = mapped_column(String(500), info=BUSINESS)

    usage_metrics: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS | DERIVED)
    customer_impact: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS | DERIVED)
    derived_as_of: Mapped[datetime | None] = mapped_column(info=BUSINESS | DERIVED)
    derived_model_version: Mapped[str | None] = mapped_column(String(60), info=BUSINESS | DERIVED)


class ApplicationWorkflow(Record, Base):
    """A business workflow that an application takes part in."""

    __tablename__ = "application_workflows"
    __table_args__ = (in_organization("application_id", "applications"),)

    application_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    name: Mapped[str] = mapped_column(info=BUSINESS)
    definition: Mapped[dict[str, Any]] = mapped_column(default=dict, info=BUSINESS)


class ApplicationCustomer(Record, Base):
    """A customer that uses an application."""

    __tablename__ = "application_customers"
    __table_args__ = (
        UniqueConstraint("organization_id", "application_id", "customer_id"),
        in_organization("application_id", "applications"),
        in_organization("customer_id", "customers"),
    )

    application_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    customer_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)


class TicketApplication(Record, Base):
    """An application that a ticket is about."""

    __tablename__ = "ticket_applications"
    __table_args__ = (
        UniqueConstraint("organization_id", "ticket_id", "application_id"),
        in_organization("ticket_id", "tickets"),
        in_organization("application_id", "applications"),
    )

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    application_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
