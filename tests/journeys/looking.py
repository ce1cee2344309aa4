"""Screens at random: who looks, where, and with whose ids in the address."""

from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from apps.ui.kinds import KINDS
from apps.ui.rooms import ROOMS, Screen, own_screens, rooms_of
from tests.apps.ui.conftest import MAIN
from tests.journeys.planted import told
from tests.journeys.surfaces import Said, Visit
from warehouse.metrics.dashboard import standard
from warehouse.oltp.engine import writing
from warehouse.oltp.organization import User
from warehouse.operations import identity
from warehouse.operations.records import RECORDS

ADDRESSED: dict[str, tuple[str, ...]] = {
    "home.py": ("only_sales_rep", "only_product", "only_sector", "by", "month", "show", "against", "receipt"),
    "dashboard.py": (
        "board",
        "only_sales_rep",
        "only_product",
        "only_category",
        "only_agent",
        "month",
        "show",
        "against",
    ),
    "dashboards.py": (),
    "ask.py": ("q",),
    "explore.py": ("metric", "divide", "over", "narrow", "only_sales_rep", "only_customer", "month", "against"),
    "why.py": ("metric", "divide_by", "only_sales_rep", "only_customer", "only_product", "month", "with"),
    "sales_pipeline.py": ("sales_rep", "regional_office", "product", "customer", "receipt"),
    "sales_deals.py": ("q", "stage", "sales_rep", "customer", "product", "regional_office", "new"),
    "sales_deal.py": ("id",),
    "records.py": ("of", "new", "filters"),
    "record.py": ("of", "id", "new", "part"),
    "set_up.py": (),
    "insights_checks.py": ("examination",),
    "insights_alerts.py": ("alert",),
    "insights_health.py": ("of",),
    "insights_metrics.py": ("metric", "find"),
    "insights_catalogue.py": ("thing", "find"),
    "insights_sql.py": (),
    "insights_runs.py": (),
    "organization_members.py": ("member", "invite"),
    "organization_teams.py": ("team",),
    "organization_settings.py": (),
    "organization_audit.py": ("event", "record", "who", "what", "since", "until"),
    "organization_usage.py": (),
    "account_security.py": (),
    "account_preferences.py": (),
    "account_notifications.py": (),
    "account_join.py": ("token",),
    "organization_new.py": (),
    "organization_outbox.py": (),
    "operations_errors.py": ("reference",),
}
"""Screen → the parameters its address may carry, and some that only look like it."""
ENTITY = {
    "id": "opportunities",
    "member": "memberships",
    "event": "audit_events",
    "team": "teams",
    "alert": "alerts",
    "receipt": "receipts",
    "reference": "error_groups",
}
NAMED = {
    "sales_rep": "memberships.name",
    "customer": "customers.name",
    "product": "products.name",
    "regional_office": "memberships.regional_office",
    "only_sales_rep": "memberships.name",
    "only_agent": "memberships.name",
    "only_customer": "customers.name",
    "only_product": "products.name",
    "q": "opportunities.name",
    "who": "memberships.name",
}


def screens() -> dict[str, Screen]:
    """Every screen there is."""
    listed = [one for room in (*ROOMS.values(), *own_screens(None).values()) for one in room]
    return {one.file: one for one in listed}


def address(visit: Visit, file: str) -> dict[str, str]:
    """An address of the screen, mostly with something of another organization in it."""
    if "of" in ADDRESSED[file]:
        return _record_address(visit, file)
    found = {}
    for name in ADDRESSED[file]:
        if visit.dice.random() < 0.5:
            made = visit.id(ENTITY[name]) if name in ENTITY else visit.text(NAMED[name]) if name in NAMED else ""
            boards = [*standard(), visit.id("saved_dashboards")] if name == "board" else []
            made = visit.dice.choice(boards) if boards else made
            found[name] = made or visit.dice.choice(
                [visit.some(), f"invited-{visit.number()}-{visit.dice.randrange(9)}"]
            )
    return found


def _record_address(visit: Visit, file: str) -> dict[str, str]:
    """A list or a record of any kind: foreign ids, foreign words in its filters, any tab, any dialog."""
    kind = KINDS[visit.dice.choice(sorted(set(KINDS) & set(RECORDS)))]
    found = {"of": kind.table}
    if file == "record.py":
        mine = visit.world.ids[visit.who.number].get(kind.table)
        found["id"] = visit.dice.choice(mine) if mine and visit.dice.random() < 0.5 else visit.id(kind.table)
        if kind.parts:
            part = visit.dice.choice(kind.parts)
            found[f"parts_{kind.table}"] = part.label or KINDS[part.table].plural
            found["new"] = part.table
        return found
    words = {f"{kind.table}_{one}": visit.some() for one in ("q", *kind.filters) if visit.dice.random() < 0.2}
    orders = ("Cost, highest first", "Name, A to Z", "Latest change")
    return found | words | {f"{kind.table}_order": visit.dice.choice(orders), "new": kind.table}


def drive_screens(visit: Visit) -> Said:
    """A screen as the person sees it, whether or not they may."""
    who = signed_in(visit)
    allowed = [one.file for room in (*rooms_of(visit.actor).values(), *own_screens(who).values()) for one in room]
    file = visit.dice.choice(sorted(screens() if visit.dice.random() < 0.2 else allowed))
    # Nobody's welcome is the cheapest run, after which the pages are known.
    screen = AppTest.from_file(MAIN, default_timeout=300).run()
    screen.session_state["signed_in"] = who
    screen.switch_page(f"screens/{file}")
    query = address(visit, file)
    for name, value in query.items():
        screen.query_params[name] = value
    screen.run()
    assert not screen.exception, screen.exception
    assert not [one for one in screen.error if "the reference" in one.value], (
        f"something nobody foresaw at {file} {query}"
    )
    return visit.said(shown(screen))


def signed_in(visit: Visit) -> identity.SignedIn:
    """The visitor, with a sign-in of their own."""
    known = _sessions.get(visit.who.user_id)
    if known is None:
        with writing() as session:
            user = session.get_one(User, visit.who.user_id)
            opened = identity.open_session(session, user, datetime.now(UTC))
            identity.choose_organization(session, opened.id, visit.actor.organization_id)
            session.flush()
            known = identity.actor_of(session, opened.id, datetime.now(UTC))
        assert known is not None
        _sessions[visit.who.user_id] = known
    return known


_sessions: dict[str, identity.SignedIn] = {}


def forget() -> None:
    """Another house has sign-ins of its own."""
    _sessions.clear()


def shown(screen: AppTest) -> str:
    """Everything that is sent to the browser: every element, its options and its tables."""
    words = []
    for node in screen._tree:
        proto = getattr(node, "proto", None)
        words.append(str(proto) if proto is not None else "")
        if getattr(node, "type", "") in {"arrow_data_frame", "arrow_table"}:
            words.append(told(node.value.to_csv()))
    return "\n".join(words)
