"""Every room, so that what people may do is known as a whole: import this before reading OPERATIONS, KEPT or MOVES."""

from warehouse.operations import (
    activities,
    alerts,
    billing,
    billing_subscriptions,
    builder,
    bulk,
    connections,
    contacts,
    custom_fields,
    customers,
    dashboards,
    file_upkeep,
    files,
    hook_secrets,
    insights,
    invitations,
    joining,
    marketing,
    members,
    metrics,
    notifying,
    organization,
    organization_settings,
    reports,
    sales,
    sales_catalogue,
    sales_quotes,
    sales_territories,
    support,
    support_knowledge,
    taking_in,
    teams,
    usage,
    user_sync,
)
from warehouse.operations.declare import OPERATIONS
from warehouse.operations.register import KEPT, MOVES

ROOMS = (
    *(
        organization,
        organization_settings,
        custom_fields,
        members,
        invitations,
        joining,
        teams,
        hook_secrets,
        notifying,
        user_sync,
        connections,
        taking_in,
    ),
    *(customers, contacts, sales, sales_catalogue, sales_quotes, sales_territories, activities),
    *(billing, billing_subscriptions, marketing, support, support_knowledge),
    *(builder, usage, insights, dashboards, metrics, alerts, reports, bulk, files, file_upkeep),
)

__all__ = ["KEPT", "MOVES", "OPERATIONS", "ROOMS"]
