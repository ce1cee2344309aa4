"""The audit names people by reference alone: what identifies somebody goes through every operation and stays out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import String, select

from tests.warehouse.operations.cases import CASES
from tests.warehouse.operations.company import Company
from warehouse.alerts import Standing
from warehouse.imports.record import ImportRecord
from warehouse.imports.undo import UndoImport, undo_import
from warehouse.oltp.alerts import Alert
from warehouse.oltp.base import Base
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.files import FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.identity import Mail
from warehouse.oltp.members import Invitation
from warehouse.oltp.notices import Notice
from warehouse.oltp.organization import AuditEvent, Membership, User
from warehouse.oltp.sales import Stage
from warehouse.operations import alerts as of_alerts
from warehouse.operations import connections as of_connections
from warehouse.operations import customers as of_customers
from warehouse.operations import dashboards as of_dashboards
from warehouse.operations import (
    files,
    hook_secrets,
    questions,
    resets,
    second_factor,
    security_events,
    sessions,
    taking_in,
    user_sync,
)
from warehouse.operations import invitations as of_invitations
from warehouse.operations import members as of_members
from warehouse.operations import metrics as of_metrics
from warehouse.operations import notifying as of_telling
from warehouse.operations import organization_settings as of_settings
from warehouse.operations import reports as of_reports
from warehouse.operations import sales as of_sales
from warehouse.operations import teams as of_teams
from warehouse.operations.bulk import Batch, BulkLoad, bulk_load
from warehouse.operations.events import known_operations
from warehouse.operations.file_upkeep import clean_up
from warehouse.operations.files import Handing
from warehouse.operations.identity import member_actor, open_session
from warehouse.operations.inbox import mail_notices
from warehouse.operations.joining import join_as_newcomer
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.passwords import hash_password
from warehouse.operations.rooms import KEPT, MOVES, OPERATIONS
from warehouse.operations.sessions import Place
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, system_actor

MARK = "canary"
PASSWORD = "seven tall herons"
OWNER = f"{MARK}-owner@acme.test"
EVE = f"{MARK}-eve@acme.test"
NOW = datetime.now(UTC)


def _personal(table: str) -> dict[str, str]:
    """A canary for every personal column of a table that takes text."""
    known = Base.metadata.tables
    columns = [c for c in known[table].c if c.info["privacy"] == "personal"] if table in known else []
    told = {c.name: f"{MARK} {c.name}" for c in columns if isinstance(getattr(c.type, "kind", c.type), String)}
    return {name: f"{MARK}-{name}@acme.test" if name == "email" else value for name, value in told.items()}


def _do(operation: Any, actor: Actor, request: Any) -> Any:
    with writing() as session:
        return operation(session, actor, request)


@pytest.fixture
def owner(store: object) -> Actor:
    """The owner of a new organization, named by a canary."""
    with writing() as session:
        hashed = hash_password(PASSWORD, OWNER, "somebody")
        user = User(email=OWNER, password_hash=hashed, profile={"name": f"{MARK} profile"}, created_at=NOW)
        session.add(user)
        session.flush()
        made = create_organization(
            session,
            CreateOrganization(slug="acme", name="Acme", owner_user_id=user.id, owner_name=f"{MARK} owner"),
        )
        return member_actor(session, made.id, OWNER)


def _customers(owner: Actor) -> None:
    fields = _personal("customers")
    made = _do(of_customers.create_customer, owner, of_customers.CreateCustomer(**fields))
    changed = {name: value.replace(MARK, f"{MARK}2") for name, value in fields.items()}
    edited = of_customers.EditCustomer(id=made.id, version=1, **changed)
    _do(of_customers.edit_customer, owner, edited)
    _do(of_customers.delete_customer, owner, of_customers.delete_customer.input(id=made.id, version=2))
    _do(of_customers.restore_customer, owner, of_customers.restore_customer.input(id=made.id, version=3))


def _deals(owner: Actor) -> None:
    made = _do(of_sales.create_opportunity, owner, of_sales.CreateOpportunity(name=f"{MARK} deal"))
    edited = of_sales.edit_opportunity.input(id=made.id, version=1, name=f"{MARK} another")
    _do(of_sales.edit_opportunity, owner, edited)
    moved = of_sales.move_opportunity.input(id=made.id, version=2, stage=Stage.CLOSED_LOST, reason=f"{MARK} reason")
    _do(of_sales.move_opportunity, owner, moved)
    _do(of_sales.delete_opportunity, owner, of_sales.delete_opportunity.input(id=made.id, version=3))
    _do(of_sales.restore_opportunity, owner, of_sales.restore_opportunity.input(id=made.id, version=4))


def _bulk(owner: Actor) -> None:
    member = {"id": uuid7(), "access_role": AccessRole.MEMBER, "is_active": True, "metadata": {MARK: MARK}}
    customer: dict[str, Any] = {"id": uuid7(), "metadata": {MARK: MARK}} | _personal("customers")
    known = {"entity": "customers", "source_key": f"{MARK} key", "record_id": customer["id"], "content_hash": "x"}
    rows = [Batch("memberships", [member | _personal("memberships")])]
    _do(bulk_load, owner, BulkLoad(source="tests", batches=rows, identities=[known]))
    made = _do(of_customers.create_customer, owner, of_customers.CreateCustomer(**_personal("customers")))
    previous = {"id": made.id, "version": 1} | _personal("customers")
    record = ImportRecord(
        "20260301-120000-abcd", owner.organization_id, "tests", 1, None, {}, {"customers": [previous]}, []
    )
    _do(undo_import, owner, UndoImport(record=record, force=True))


def _files(owner: Actor) -> None:
    for ends in (None, NOW - timedelta(days=1)):
        handing = Handing(FileKind.UPLOAD, f"{MARK}.csv", expires_at=ends)
        kept = files.keep_file(owner, handing, [f"name\n{MARK}\n".encode()])
        if ends is None:
            with reading() as session:
                token = files.download_link(session, owner, kept.id)
            assert b"".join(files.read_bytes(*files.opened(token)))
            files.delete_file(owner, kept.id)
    clean_up(NOW)


def _every_room(owner: Actor) -> None:
    """Every operation that follows from a table, with a canary in each text of its input that is personal."""
    kept = {run.name for one in KEPT.values() for run in (one.create, one.edit, one.delete, one.restore) if run}
    moved = {run.name for run in MOVES.values()}
    noted = {name for name in OPERATIONS if ".note_" in name}
    with writing() as session:
        company = Company(session, owner.organization_id)
        for name in sorted(kept | moved | noted | {"insights.write_scores"}):
            run, values = OPERATIONS[name], CASES[name](company)
            taken = run.input.model_fields
            told = {field: text for field, text in _personal(run.entity).items() if field in taken}
            told |= {"reason": f"{MARK} reason"} if name in moved else {}
            actor = system_actor(owner.organization_id, "tests") if name == "insights.write_scores" else owner
            run(session, actor, run.input(**values | told))


def _link_to(email: str) -> str:
    with reading() as session:
        newest = select(Mail).where(Mail.recipient == email).order_by(Mail.created_at.desc(), Mail.id.desc())
        mail = session.scalars(newest).first()
    assert mail is not None
    return str(mail.text).split("token=")[1].split()[0]


def _members(owner: Actor) -> None:
    first = of_invitations.invite(owner, of_invitations.InvitePerson(email=f"{MARK}-no@acme.test"))
    _do(of_invitations.withdraw_invitation, owner, of_invitations.OneInvitation(id=first.id))
    invited = of_invitations.invite(owner, of_invitations.InvitePerson(email=EVE))
    of_invitations.resend(owner, invited.id)
    with writing() as session:
        join_as_newcomer(session, _link_to(EVE), f"{MARK} Eve", PASSWORD, NOW)
    with reading() as session:
        eve = member_actor(session, owner.organization_id, EVE)
    one = {"id": eve.membership_id}
    asked = of_members.ChangeMember(**one, version=1, functions=[BusinessFunction.SALES], access_role=AccessRole.ADMIN)
    _do(of_members.change_member, owner, asked)
    _do(of_members.deactivate_member, owner, of_members.OneMember(**one, version=2))
    _do(of_members.reactivate_member, owner, of_members.OneMember(**one, version=3))
    _teams(owner, eve)
    _dashboards(owner)
    _metrics(owner)
    _alerts(owner)
    _telling(owner)
    confirmed = of_members.TransferOwnership(**one, version=4, confirmation="acme")
    _do(of_members.transfer_ownership, owner, confirmed)
    with reading() as session:
        now_admin = member_actor(session, owner.organization_id, OWNER)
    _do(of_members.leave, now_admin, of_members.Leave())


def _dashboards(owner: Actor) -> None:
    body = {"name": "mine", "title": f"{MARK} dashboard", "figures": ["won_value"]}
    made = _do(of_dashboards.keep_dashboard, owner, of_dashboards.KeepDashboard(body=body, is_shared=True))
    when = {"recipients": [owner.membership_id]}
    report = _do(of_reports.schedule_report, owner, of_reports.ScheduleReport(dashboard_id=made.id, **when))
    _do(of_reports.edit_report, owner, of_reports.EditReport(id=report.id, version=1, **when, every="month"))
    _do(of_reports.stop_report, owner, of_reports.OneReport(id=report.id, version=2))
    edited = of_dashboards.EditDashboard(
        id=made.id, version=1, body=body | {"title": f"{MARK}2 dashboard"}, is_shared=False
    )
    _do(of_dashboards.edit_dashboard, owner, edited)
    _do(of_dashboards.delete_dashboard, owner, of_dashboards.OneDashboard(id=made.id, version=2))


def _metrics(owner: Actor) -> None:
    words = {"label": f"{MARK} won", "description": f"{MARK} won by {MARK}2", "unit": "money"}
    body = {"name": "won_by_some", "metric": "won_value", "where": {"sector": [f"{MARK} sector"]}} | words
    made = _do(of_metrics.define_metric, owner, of_metrics.DefineMetric(body=body))
    edited = of_metrics.EditMetric(id=made.id, version=1, body=body | {"label": f"{MARK}3 won"})
    _do(of_metrics.edit_metric, owner, edited)
    _do(of_metrics.delete_metric, owner, of_metrics.OneMetric(id=made.id, version=2))


def _alerts(owner: Actor) -> None:
    rule = {"kind": "threshold", "metric": "won_value", "side": "over", "bound": 1, "where": {"sector": [MARK]}}
    values = {"name": f"{MARK} alert", "rule": rule}
    made = _do(of_alerts.keep_alert, owner, of_alerts.KeepAlert(**values))
    _do(of_alerts.edit_alert, owner, of_alerts.EditAlert(id=made.id, version=1, **values | {"level": "info"}))
    _do(of_alerts.pause_alert, owner, of_alerts.OneAlert(id=made.id, version=2))
    _do(of_alerts.resume_alert, owner, of_alerts.OneAlert(id=made.id, version=3))
    for answered in (of_alerts.snooze_alert, of_alerts.acknowledge_alert):
        with writing() as session:
            session.get_one(Alert, made.id).standing = Standing.FIRING
            minutes = {"minutes": 60} if answered is of_alerts.snooze_alert else {}
            answered(session, owner, answered.input(id=made.id, **minutes))
    _do(of_alerts.delete_alert, owner, of_alerts.OneAlert(id=made.id, version=4))


def _telling(owner: Actor) -> None:
    _do(of_telling.choose_notifications, owner, of_telling.ChooseNotifications(channels={"alert": ["digest"]}))
    address = of_telling.SetAddress(address=f"https://{MARK}.example/{MARK}", form="teams")
    _do(of_telling.set_address, owner, address)
    _do(of_telling.remove_address, owner, of_telling.RemoveAddress())


def _asked_in_sql(owner: Actor) -> None:
    with writing() as session:
        questions.record_question(session, owner, f"select '{MARK}' as who", "answered", 1)
        questions.record_taken(session, owner)


def _teams(owner: Actor, eve: Actor) -> None:
    made = _do(of_teams.create_team, owner, of_teams.CreateTeam(name=f"{MARK} team"))
    _do(of_teams.edit_team, owner, of_teams.EditTeam(id=made.id, version=1, name=f"{MARK} crew"))
    place = of_teams.Place(team_id=made.id, membership_id=eve.membership_id or "")
    _do(of_teams.add_to_team, owner, place)
    _do(of_teams.remove_from_team, owner, place)
    _do(of_teams.delete_team, owner, of_teams.OneTeam(id=made.id, version=2))


def _synced(owner: Actor) -> None:
    for _ in range(2):
        _do(hook_secrets.make_secret, owner, hook_secrets.MakeSecret())
    _do(hook_secrets.remove_secret, owner, hook_secrets.RemoveSecret())
    told = {"source_key": f"{MARK}-key", "email": f"{MARK}-zoe@acme.test", "name": f"{MARK} Zoe"}
    renamed = told | {"email": f"{MARK}-zoey@acme.test", "name": f"{MARK} Zoey"}
    for happened, values in (("created", told), ("updated", renamed), ("deleted", renamed), ("updated", told)):
        delivery = user_sync.delivery_of(f"{MARK} {happened} {values}")
        message = user_sync.SyncUser(delivery=delivery, happened=happened, **values)  # type: ignore[arg-type]
        user_sync.receive(owner.organization_id, message)


def _connected(owner: Actor) -> None:
    secret = {"token": SecretStr(f"{MARK}-key")}
    add = of_connections.AddConnection(vendor="stripe", name=f"{MARK} shop", secret=secret)
    made = _do(of_connections.add_connection, owner, add)
    kept = {"id": made.id, "name": f"{MARK}2 shop", "things": [], "every_minutes": 5, "secret": secret}
    _do(of_connections.edit_connection, owner, of_connections.EditConnection(version=1, **kept))  # type: ignore[arg-type]
    platform = system_actor(owner.organization_id, "tests")
    ana = taking_in.Identity("cus_1", {"name": f"{MARK} Ana"})
    new = taking_in.Undeclared(f"{MARK} field", 1, [f"{MARK} value"])
    told = taking_in.TakeIn(connection_id=made.id, thing="customers", identities=[ana], undeclared=[new])
    _do(taking_in.take_in, platform, told)
    renewed = taking_in.RenewSecret(connection_id=made.id, secret={"token": f"{MARK}-new"})
    _do(taking_in.renew_secret, platform, renewed)
    counts = {"customers": {"changed": 1}}
    ended = taking_in.RecordSync(connection_id=made.id, started_at=NOW, is_whole=True, counts=counts)
    _do(taking_in.record_sync, platform, ended)
    _do(of_connections.remove_connection, owner, of_connections.OneConnection(id=made.id, version=2))


def _signing_in(owner: Actor) -> None:
    with reading() as session:
        user_id = str(session.get_one(Membership, owner.membership_id).user_id)
    for at in range(5):
        with writing() as session:
            security_events.note_failure(session, user_id, NOW, "password", locks=at == 4)
    for agent in (MARK, f"{MARK} elsewhere"):
        with writing() as session:
            opened = open_session(session, session.get_one(User, user_id), NOW, Place("192.0.2.7", agent, "outside"))
            sessions.close_session(session, opened.id, NOW)
    with writing() as session:
        open_session(session, session.get_one(User, user_id), NOW)
        resets.ask_reset(session, OWNER, "192.0.2.7", NOW, lambda token: f"http://x/?token={token}")
    with writing() as session:
        resets.reset_password(session, _link_to(OWNER), f"{PASSWORD} {MARK}", NOW)
        second_factor.new_recovery_codes(session, user_id, NOW)
        second_factor.turn_off(session, user_id, NOW)


def test_no_personal_value_of_any_operation_is_in_the_audit_or_a_notice(owner: Actor) -> None:
    _customers(owner)
    _deals(owner)
    _bulk(owner)
    _every_room(owner)
    _files(owner)
    _synced(owner)
    _connected(owner)
    _signing_in(owner)
    _asked_in_sql(owner)
    settings = of_settings.EditSettings(name="Acme Works", require_totp=True)
    _do(of_settings.edit_settings, owner, settings)
    _members(owner)
    with writing() as session:
        assert mail_notices(session, NOW) > 0
    with reading() as session:
        rows = session.scalars(select(AuditEvent)).all()
        told = [str({c.name: getattr(row, c.key) for c in AuditEvent.__table__.c}) for row in rows]
        told += [str((one.facts, one.subject)) for one in session.scalars(select(Notice))]
        # The canaries were there to be told.
        assert MARK in str([(one.email, one.id) for one in session.scalars(select(Invitation))])
    assert [one for one in told if MARK in one.lower() or "192.0.2" in one or "acme.test" in one] == []
    assert known_operations()
    untried = set(OPERATIONS) - {row.operation for row in rows}
    assert untried == set(), "let these operations be tried here with a canary in each personal field they take"
