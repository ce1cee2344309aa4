"""The rooms of the house and their screens: the one list that the menu is made from."""

from dataclasses import dataclass
from typing import Literal

from apps.ui.kinds import KINDS
from warehouse.metrics.dashboard import standard
from warehouse.operations.identity import SignedIn
from warehouse.settings import settings
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Screen:
    """A screen of the menu, and the permission it takes to see it."""

    file: str
    """Its name in apps/ui/screens."""
    title: str
    icon: str
    permission: str
    """Empty, everybody: such a screen judges for itself what it shows."""
    path: str | None = None
    """Its address; None for the screen where people land."""
    visibility: Literal["visible", "hidden"] = "visible"
    """Hidden screens have an address and no line in the menu."""


HOME = Screen("home.py", "Home", ":material/home:", "insights:read")
RECORDS = Screen("records.py", "Records", ":material/list:", "", "records", "hidden")
"""The list of any kind of record; those of the menu have an address of their own besides."""
BOARD = Screen("dashboard.py", "Dashboard", ":material/dashboard:", "insights:read", "dashboard", "hidden")
"""Any dashboard, as the address names it; the standard ones have an address of their own besides."""
RECORD = Screen("record.py", "Record", ":material/description:", "", "record", "hidden")


def _lists(*tables: str, permission: str = "") -> list[Screen]:
    """The lists of these kinds, as entries of the menu."""
    kinds = [KINDS[table] for table in tables]
    return [Screen("records.py", one.plural, one.icon, permission or one.permission, one.path) for one in kinds]


DASHBOARDS = {f"{name.replace('_', '-')}-dashboard": name for name in standard()}
"""Address → the dashboard that stands there."""


def _dashboards() -> list[Screen]:
    """The dashboards every organization has, as entries of the menu."""
    return [
        Screen("dashboard.py", standard()[name].title, standard()[name].icon, "insights:read", path)
        for path, name in DASHBOARDS.items()
    ]


def _set_up(room: str) -> Screen:
    """One entry for everything a room is set up with, for whoever may look into the room."""
    return Screen("set_up.py", "Set-up", ":material/settings:", f"{room}:read", f"{room}-set-up")


ROOMS: dict[str, list[Screen]] = {
    "": [HOME, RECORDS, RECORD, BOARD],
    "Understand": [
        Screen("ask.py", "Ask", ":material/forum:", "insights:read", "ask"),
        *_dashboards(),
        Screen("dashboards.py", "Saved dashboards", ":material/dashboard:", "insights:read", "dashboards"),
        Screen("explore.py", "Explore", ":material/travel_explore:", "insights:read", "explore"),
        Screen("why.py", "Why did it change?", ":material/troubleshoot:", "insights:read", "why"),
        Screen("insights_alerts.py", "Alerts", ":material/notifications_active:", "insights:read", "alerts"),
    ],
    "Customers": _lists("customers", "contacts"),
    "Sales": [
        Screen("sales_pipeline.py", "Pipeline", ":material/view_kanban:", "sales:read", "pipeline"),
        Screen("sales_deals.py", "Deals", ":material/handshake:", "sales:read", "deals"),
        Screen("sales_deal.py", "Deal", ":material/handshake:", "sales:read", "deal", "hidden"),
        *_lists("quotes", "contracts", "activities", "products"),
        _set_up("sales"),
    ],
    "Billing": [*_lists("subscriptions", "invoices", "payments"), _set_up("billing")],
    "Marketing": [*_lists("campaigns", "segments"), _set_up("marketing")],
    "Support": [*_lists("tickets", "knowledge_articles"), _set_up("support")],
    "Builder": _lists("applications"),
    "Data": [
        Screen("insights_health.py", "Health", ":material/monitor_heart:", "insights:read", "data-health"),
        Screen("insights_metrics.py", "Metrics", ":material/function:", "insights:read", "all-metrics"),
        Screen("insights_catalogue.py", "Catalogue", ":material/account_tree:", "insights:read", "catalogue"),
        Screen("insights_sql.py", "SQL", ":material/terminal:", "insights:sql", "sql"),
        Screen("insights_runs.py", "Runs", ":material/event_repeat:", "insights:read", "runs"),
        Screen("insights_checks.py", "Data checks", ":material/fact_check:", "insights:read", "checks"),
        *_lists("benchmarks"),
    ],
    "Organization": [
        Screen("organization_members.py", "Members", ":material/group:", "organization:read", "members"),
        Screen("organization_teams.py", "Teams", ":material/groups:", "organization:read", "teams"),
        *_lists("custom_fields", permission="organization:settings"),
        Screen("organization_settings.py", "Settings", ":material/tune:", "organization:settings", "settings"),
        Screen("organization_audit.py", "Audit", ":material/manage_search:", "organization:audit", "audit"),
        Screen("organization_usage.py", "Plan and usage", ":material/data_usage:", "organization:settings", "usage"),
    ],
}


SECURITY = Screen("account_security.py", "Security", ":material/shield_person:", "", "security")
PREFERENCES = Screen("account_preferences.py", "Preferences", ":material/manage_accounts:", "", "preferences")
NOTIFICATIONS = Screen("account_notifications.py", "Notifications", ":material/notifications:", "", "notifications")
JOIN = Screen("account_join.py", "Join", ":material/group_add:", "", "join", "hidden")
NEW_ORGANIZATION = Screen("organization_new.py", "New organization", ":material/add_business:", "", "found", "hidden")
OUTBOX = Screen("organization_outbox.py", "Outbox", ":material/outbox:", "", "outbox")
"""Mails that were written; they hold links that let people in, so only where things are tried out."""
ERRORS = Screen("operations_errors.py", "Errors", ":material/bug_report:", "", "errors")
"""Of the installation, so for its operator alone."""


def own_screens(who: SignedIn | None) -> dict[str, list[Screen]]:
    """What a person has besides the rooms; for nobody all of it, so that a link is known before sign-in."""
    account = {
        "My account": [
            SECURITY,
            PREFERENCES,
            NOTIFICATIONS,
            JOIN,
            NEW_ORGANIZATION,
            *([OUTBOX] if who is None or may_see_outbox(who) else []),
        ]
    }
    return account | ({"Operations": [ERRORS]} if who is None or who.is_operator else {})


def may_see_outbox(who: SignedIn) -> bool:
    """Whether this person may read everybody's mails."""
    return who.is_operator and settings().environment == "development"


def rooms_of(actor: Actor | None) -> dict[str, list[Screen]]:
    """The rooms and screens an actor may enter; for nobody all of them, so that a link is known before sign-in."""
    allowed = {
        room: [screen for screen in screens if actor is None or not screen.permission or actor.may(screen.permission)]
        for room, screens in ROOMS.items()
    }
    return {room: screens for room, screens in allowed.items() if screens}
