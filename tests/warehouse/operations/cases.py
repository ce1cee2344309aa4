"""A valid call of every operation, for the tests that ask all of them the same questions."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import SecretStr

from tests.warehouse.operations.company import Company
from tests.warehouse.operations.samples import changed, gone, moved, new_values, stored, values_of
from warehouse.alerts import Standing
from warehouse.files.incoming import Content
from warehouse.imports import undo
from warehouse.imports.record import ImportRecord
from warehouse.oltp.alerts import Alert
from warehouse.oltp.base import Base
from warehouse.oltp.files import FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import Organization, User
from warehouse.oltp.sales import Stage
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations import (
    alerts,
    bulk,
    connections,
    customers,
    dashboards,
    files,
    hook_secrets,
    invitations,
    members,
    metrics,
    reports,
    sales,
    taking_in,
    teams,
)
from warehouse.operations.declare import Operation
from warehouse.operations.rooms import KEPT, MOVES, OPERATIONS
from warehouse.tenancy import AccessRole, BusinessFunction

Values = dict[str, Any]
WHO: dict[str, tuple[AccessRole, frozenset[BusinessFunction]]] = {
    "owner": (AccessRole.OWNER, frozenset()),
    "admin": (AccessRole.ADMIN, frozenset()),
    "viewer": (AccessRole.VIEWER, frozenset()),
    "viewer with a function": (AccessRole.VIEWER, frozenset({BusinessFunction.SALES})),
    "member": (AccessRole.MEMBER, frozenset()),
    **{one.value: (AccessRole.MEMBER, frozenset({one})) for one in BusinessFunction},
    "of every function": (AccessRole.MEMBER, frozenset(BusinessFunction)),
}
"""The kinds of people there are, by the law: what each may is asked of every operation, screen and number."""


def _customer(company: Company) -> Values:
    values = {"name": "Pebble", "assigned_sales_rep_id": company.responsible}
    made = customers.create_customer(company.session, company.operator, customers.CreateCustomer(**values))
    return {"id": made.id, "version": made.version}


def _gone_customer(company: Company) -> Values:
    one = _customer(company)
    customers.delete_customer(company.session, company.operator, customers.OneCustomer(**one))
    return one | {"version": one["version"] + 1}


def _deal(company: Company) -> Values:
    values = {"name": "Roof", "sales_rep_id": company.responsible, "amount": Decimal(10)}
    made = sales.create_opportunity(company.session, company.operator, sales.CreateOpportunity(**values))
    return {"id": made.id, "version": made.version}


def _gone_deal(company: Company) -> Values:
    one = _deal(company)
    sales.delete_opportunity(company.session, company.operator, sales.OneOpportunity(**one))
    return one | {"version": one["version"] + 1}


def _member(company: Company) -> Values:
    found = company.person("target")
    return {"id": found.id, "version": found.version}


def _idle_member(company: Company) -> Values:
    one = _member(company)
    members.deactivate_member(company.session, company.operator, members.OneMember(**one))
    return one | {"version": one["version"] + 1}


def _team(company: Company) -> Values:
    made = teams.create_team(company.session, company.operator, teams.CreateTeam(name="North"))
    return {"id": made.id, "version": made.version}


def _place(company: Company) -> Values:
    return {"team_id": _team(company)["id"], "membership_id": company.person("target").id}


def _taken_place(company: Company) -> Values:
    values = _place(company)
    teams.add_to_team(company.session, company.operator, teams.Place(**values))
    return values


def _invitation(company: Company) -> Values:
    asked = invitations.InvitePerson(email="new@acme.test", access_role=AccessRole.VIEWER)
    return {"id": invitations.invite_person(company.session, company.operator, asked).id}


def _join(company: Company) -> Values:
    user = User(email="new@acme.test", profile={}, created_at=datetime.now(UTC))
    company.session.add(user)
    company.session.flush()
    return {"invitation_id": _invitation(company)["id"], "user_id": user.id, "name": "New"}


def _hook_secret(company: Company) -> Values:
    hook_secrets.make_secret(company.session, company.operator, hook_secrets.MakeSecret())
    return {}


def _synced_user(_company: Company) -> Values:
    told = {"happened": "created", "source_key": "user_1", "email": "new@acme.test", "name": "New"}
    return told | {"delivery": "0" * 64}


def _file(_company: Company) -> Values:
    content = Content(content_type="text/csv", bytes=3, sha256="0" * 64)
    return {"id": uuid7(), "kind": FileKind.UPLOAD, "name": "deals.csv", "content": content}


def _kept_file(company: Company) -> Values:
    values = _file(company)
    files.store_file(company.session, company.operator, files.StoreFile(**values))
    return {"id": values["id"]}


def _old_file(company: Company) -> Values:
    values = _file(company) | {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}
    files.store_file(company.session, company.operator, files.StoreFile(**values))
    return {}


def _dashboard(_company: Company) -> Values:
    card = {"title": "Won", "form": "columns", "metrics": ["won_value"], "over": "trend"}
    return {"body": {"name": "mine", "title": "Mine", "rows": [[card]]}, "is_shared": True}


def _kept_dashboard(company: Company) -> Values:
    owner = company.actor("keeper", AccessRole.OWNER, frozenset())
    made = dashboards.keep_dashboard(company.session, owner, dashboards.KeepDashboard(**_dashboard(company)))
    return {"id": made.id, "version": made.version}


def _metric(_company: Company) -> Values:
    words = {"label": "Won, retail", "description": "What was won in retail.", "unit": "money"}
    return {"body": {"name": "retail_won", "metric": "won_value", "where": {"sector": ["retail"]}} | words}


def _defined_metric(company: Company) -> Values:
    owner = company.actor("definer", AccessRole.OWNER, frozenset())
    made = metrics.define_metric(company.session, owner, metrics.DefineMetric(**_metric(company)))
    return {"id": made.id, "version": made.version}


def _alert(_company: Company) -> Values:
    rule = {"kind": "threshold", "metric": "won_value", "side": "under", "bound": "10"}
    return {"name": "Won too little", "rule": rule, "level": "critical"}


def _kept_alert(company: Company) -> Values:
    owner = company.actor("keeper", AccessRole.OWNER, frozenset())
    made = alerts.keep_alert(company.session, owner, alerts.KeepAlert(**_alert(company)))
    return {"id": made.id, "version": made.version}


def _paused_alert(company: Company) -> Values:
    owner, one = company.actor("keeper", AccessRole.OWNER, frozenset()), _kept_alert(company)
    alerts.pause_alert(company.session, owner, alerts.OneAlert(**one))
    return one | {"version": one["version"] + 1}


def _firing_alert(company: Company) -> Values:
    one = _kept_alert(company)
    company.session.get_one(Alert, one["id"]).standing = Standing.FIRING
    company.session.flush()
    return {"id": one["id"]}


def _report(company: Company) -> Values:
    return {"dashboard_id": _kept_dashboard(company)["id"], "recipients": [company.person("keeper").id]}


def _kept_report(company: Company) -> Values:
    owner = company.actor("keeper", AccessRole.OWNER, frozenset())
    made = reports.schedule_report(company.session, owner, reports.ScheduleReport(**_report(company)))
    return {"id": made.id, "version": made.version}


def _new_hours(company: Company) -> Values:
    return _kept_report(company) | {"recipients": [company.person("keeper").id], "at_hour": 9}


def _new_connection(_company: Company) -> Values:
    secret = {"token": SecretStr("rk_test_not_a_real_key")}  # pragma: allowlist secret
    return {"vendor": "stripe", "name": "Our shop", "secret": secret}


def _connection(company: Company) -> Values:
    asked = connections.AddConnection(**_new_connection(company))
    made = connections.add_connection(company.session, company.operator, asked)
    return {"id": made.id, "version": made.version}


def _edited_connection(company: Company) -> Values:
    return _connection(company) | {"name": "The shop", "things": ["customers"], "every_minutes": 5, "is_paused": True}


def _brought(company: Company) -> Values:
    ana = taking_in.Identity("cus_1", {"name": "Ana"})
    new = taking_in.Undeclared("called", 1, ["Ana"])
    told = {"thing": "customers", "identities": [ana], "undeclared": [new]}
    return {"connection_id": _connection(company)["id"]} | told


def _ended_sync(company: Company) -> Values:
    counts = {"customers": {"read": 3, "changed": 2, "deleted": 1, "refused": 0}}
    told = {"started_at": datetime.now(UTC), "is_whole": True, "counts": counts}
    return {"connection_id": _connection(company)["id"]} | told


def _new_secret(company: Company) -> Values:
    return {"connection_id": _connection(company)["id"], "secret": {"token": "another"}}


def _products(_company: Company) -> Values:
    row = {"id": uuid7(), "name": "Kite", "currency": "USD", "is_active": True, "metadata": {}}
    assert Product.__tablename__ == "products"
    return {"source": "tests", "batches": [bulk.Batch("products", [row])], "identities": []}


def _import(company: Company) -> Values:
    """An import that changed one customer."""
    former = {"id": _customer(company)["id"], "version": 1, "name": "Pebble & Sons"}
    told = ("20260301-120000-abcd", company.organization_id, "tests", 1, None, {}, {"customers": [former]}, [])
    return {"record": ImportRecord(*told), "force": True}


def _transfer(company: Company) -> Values:
    slug = company.session.get_one(Organization, company.organization_id).slug
    return _member(company) | {"confirmation": slug}


def _founding(company: Company) -> Values:
    user = User(email="founder@acme.test", profile={}, created_at=datetime.now(UTC))
    company.session.add(user)
    company.session.flush()
    return {"slug": "acme-two", "name": "Acme Two", "owner_user_id": user.id, "owner_name": "Founder"}


UNDO = undo.undo_import
"""Declared beside the imports, so no room knows it."""

CASES: dict[str, Callable[[Company], Values]] = {
    "customers.create_customer": lambda _: {"name": "Pebble"},
    "customers.edit_customer": lambda company: _customer(company) | {"sector": "retail"},
    "customers.delete_customer": _customer,
    "customers.restore_customer": _gone_customer,
    "sales.create_opportunity": lambda _: {"name": "Roof"},
    "sales.edit_opportunity": lambda company: _deal(company) | {"amount": Decimal(12)},
    "sales.move_opportunity": lambda company: _deal(company) | {"stage": Stage.PROPOSAL},
    "sales.delete_opportunity": _deal,
    "sales.restore_opportunity": _gone_deal,
    "organization.bulk_load": _products,
    UNDO.name: _import,
    "organization.create_organization": _founding,
    "organization.edit_settings": lambda _: {"name": "Acme & Sons"},
    "organization.invite": lambda _: {"email": "new@acme.test", "access_role": AccessRole.VIEWER},
    "organization.resend_invitation": _invitation,
    "organization.withdraw_invitation": _invitation,
    "organization.join": _join,
    "organization.change_member": lambda company: _member(company) | {"business_role": "Estimator"},
    "organization.deactivate_member": _member,
    "organization.reactivate_member": _idle_member,
    "organization.leave": lambda _: {},
    "organization.transfer_ownership": _transfer,
    "organization.give_up_ownership": lambda _: {},
    "organization.create_team": lambda _: {"name": "North"},
    "organization.edit_team": lambda company: _team(company) | {"name": "South"},
    "organization.delete_team": _team,
    "organization.add_to_team": _place,
    "organization.remove_from_team": _taken_place,
    "organization.make_hook_secret": lambda _: {},
    "organization.remove_hook_secret": _hook_secret,
    "organization.sync_user": _synced_user,
    "organization.add_connection": _new_connection,
    "organization.edit_connection": _edited_connection,
    "organization.remove_connection": _connection,
    "organization.take_in_identities": _brought,
    "organization.record_sync": _ended_sync,
    "organization.renew_connection_secret": _new_secret,
    "insights.keep_dashboard": _dashboard,
    "insights.edit_dashboard": lambda company: _kept_dashboard(company) | _dashboard(company),
    "insights.delete_dashboard": _kept_dashboard,
    "insights.define_metric": _metric,
    "insights.edit_metric": lambda company: _defined_metric(company) | _metric(company),
    "insights.delete_metric": _defined_metric,
    "insights.keep_alert": _alert,
    "insights.edit_alert": lambda company: _kept_alert(company) | _alert(company) | {"name": "Won little"},
    "insights.pause_alert": _kept_alert,
    "insights.resume_alert": _paused_alert,
    "insights.delete_alert": _kept_alert,
    "insights.acknowledge_alert": _firing_alert,
    "insights.snooze_alert": lambda company: _firing_alert(company) | {"minutes": 60},
    "insights.schedule_report": _report,
    "insights.edit_report": _new_hours,
    "insights.stop_report": _kept_report,
    "organization.choose_notifications": lambda _: {"channels": {"alert": ["screen", "digest"]}},
    "organization.set_notification_address": lambda _: {"address": "https://chat.example/hook", "form": "slack"},
    "organization.remove_notification_address": lambda _: {},
    "files.store": _file,
    "files.delete": _kept_file,
    "files.expire": _old_file,
}
"""Operation → what makes the values of a call that is right in every way, in a company of that moment."""


def _kept_cases() -> dict[str, Callable[[Company], Values]]:
    """The operations that follow from a table, each with what the table tells."""
    made: dict[str, Callable[[Company], Values]] = {}
    for kept in KEPT.values():
        made[kept.create.name] = partial(_call, new_values, kept)
        if kept.edit is not None:
            made[kept.edit.name] = partial(_call, changed, kept)
        made[kept.delete.name] = partial(_call, stored, kept)
        made[kept.restore.name] = partial(_call, gone, kept)
    for table, run in MOVES.items():
        made[run.name] = partial(_call, moved, table)
    for name, run in OPERATIONS.items():
        if ".note_" in name:
            made[name] = partial(_noted, run)
    return made


def _call(make: Callable[[Company, Any], Values], what: Any, company: Company) -> Values:
    return make(company, what)


def _noted(run: Operation[Any, Any], company: Company) -> Values:
    fields, table = run.input.model_fields, Base.metadata.tables[run.entity]
    columns = [column for column in table.c if column.name in fields]
    return values_of(company, run.entity, columns, lambda name: fields[name].is_required())


def _scores(company: Company) -> Values:
    row = {"id": _customer(company)["id"], "health_score": 61}
    return {"entity": "customers", "model_version": "1", "as_of": datetime(2026, 3, 1, tzinfo=UTC), "rows": [row]}


CASES |= {"insights.write_scores": _scores} | _kept_cases()

BY_MESSAGE = {"organization.join", "organization.sync_user"}
"""These nobody performs by a right: an invitation that was opened does, or a message that was signed."""
BY_THEMSELVES = {
    *("organization.leave", "organization.give_up_ownership", "organization.remove_notification_address"),
    *BY_MESSAGE,
}
"""These concern whoever performs them; that an owner is left, or the above, decides beside the right."""
