"""Everything through which an organization could learn of another, and how a member drives each of them at random."""

import contextlib
import inspect
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from random import Random
from types import FunctionType
from typing import Any

from itsdangerous import URLSafeSerializer
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from starlette.testclient import TestClient
from typer.testing import CliRunner

import warehouse.operations
from apps.cli import app as commands
from apps.ui import answers
from tests.houses import today
from tests.journeys.planted import MARK, UUID, Who, World, told
from tests.warehouse.operations.cases import CASES, Company
from warehouse.files.links import Link, Verb, token_of
from warehouse.metrics.answer import answer, plan, records_behind
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import read_receipt, write_receipt
from warehouse.metrics.serving import serving, serving_as
from warehouse.metrics.verify import verify
from warehouse.oltp.base import Base, Record
from warehouse.oltp.engine import reading, reading_as, writing, writing_as
from warehouse.oltp.identity import Mail
from warehouse.oltp.organization import AuditEvent, Membership, Receipt
from warehouse.operations import audit_search, files, inbox, invitations, resets, sales, user_events, user_sync
from warehouse.operations.audit import record_event
from warehouse.operations.audit_search import EventFilter
from warehouse.operations.checks import checks_of, examinations, read_evidence
from warehouse.operations.declare import OPERATIONS
from warehouse.operations.describing import shown_fields
from warehouse.operations.errors import keep_error
from warehouse.operations.events import LOCKED_OUT
from warehouse.operations.narrowing import Wanted
from warehouse.operations.reading import list_records
from warehouse.operations.records import NOTES, RECORDS
from warehouse.operations.sales import DealFilter
from warehouse.operations.takeaway import export_organization
from warehouse.settings import settings
from warehouse.tenancy import operator_actor


@dataclass(frozen=True)
class Said:
    """What came back, and what had been asked, which may come back."""

    answer: str
    asked: str = ""
    judged_by_rights: bool = True
    """Off where it was said to others of the organization: only what is another organization's is wrong there."""


@dataclass
class Visit:
    """One member at one surface, with dice."""

    world: World
    who: Who
    dice: Random
    asked: list[str] = field(default_factory=list)

    @property
    def actor(self) -> Any:
        """Who asks."""
        return self.who.actor

    def number(self) -> int:
        """An organization, another one mostly."""
        others = [one for one in self.world.organizations if one != self.who.number]
        return self.dice.choice([*others, *others, self.who.number])

    def id(self, table: str = "") -> str:
        """The id of somebody's record, mostly another organization's."""
        known = self.world.ids[self.number()]
        return self._ask(self.dice.choice(known[table or self.dice.choice(sorted(known))]))

    def text(self, column: str = "") -> str:
        """A text somebody wrote, mostly in another organization."""
        known = self.world.texts[self.number()]
        return self._ask(self.dice.choice(known[column or self.dice.choice(sorted(known))]))

    def some(self) -> str:
        """An id or a text."""
        return self.id() if self.dice.random() < 0.5 else self.text()

    def _ask(self, value: str) -> str:
        self.asked.append(value)
        return value

    def try_(self, do: Callable[[], object]) -> str:
        """What it returns, or says when it refuses."""
        try:
            return told(do())
        except Exception as failure:
            return told(failure)

    def said(self, answer: object, *, by_rights: bool = True) -> Said:
        """The end of a visit."""
        return Said(told(answer), " ".join(self.asked), by_rights)

    def wrong(self, said: Said) -> list[str]:
        """What was said and must not have been."""
        found = self.world.leaked(self.who, said.answer, said.asked)
        if said.judged_by_rights:
            return found
        return [one for one in found if self.who.number != self.world.number_of(one)]

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """As screens read, or as code of the whole installation, where only the query's own condition holds."""
        scoped = self.dice.random() < 0.5 or "personal" in self.actor.hidden
        with reading_as(self.actor) if scoped else reading() as session:
            yield session


# What takes an actor ------------------------------------------------------------------------------------------------

ELSEWHERE = {
    "audit.append_audit": "operations",
    "audit.record_event": "audit",
    "audit.record_export": "exports",
    "audit_search.begin_export": "exports",
    "departure.begin": "a journey of its own",
    "files.delete_file": "files",
    "files.keep_file": "files",
    "files.upload_link": "files",
    "invitations.invite": "mails",
    "invitations.resend": "mails",
    "members.must_hold": "it reads and returns nothing",
    "model_calls.record_call": "audit",
    "questions.record_question": "commands",
    "runs.list_runs": "screens",
    "runs.start_run": "screens",
    "runs.stop_run": "screens",
    "members.transfer_ownership": "two declared operations in a row",
    "takeaway.export_organization": "exports",
}
"""Functions that take an actor and are no plain readings → where they are driven."""


def reads() -> dict[str, FunctionType]:
    """Every public function of the operations that reads for an actor, found by its signature."""
    found = {}
    for module in iter_modules(warehouse.operations.__path__):
        members = vars(import_module(f"warehouse.operations.{module.name}"))
        for name, one in members.items():
            public = isinstance(one, FunctionType) and not name.startswith("_") and one.__module__.endswith(module.name)
            if public and {"actor", "who"} & set(inspect.signature(one).parameters):
                found[f"{module.name}.{name}"] = one
    return found


def _argument(visit: Visit, name: str, session: Any) -> Any:
    """A value for a parameter, by what it is called; an unknown one fails, so that somebody says what it takes."""
    made: dict[str, Callable[[], Any]] = {
        "session": lambda: session,
        "actor": lambda: visit.actor,
        "wanted": lambda: visit.dice.choice([_deals(visit), _events(visit)]),
        "told": visit.some,
        "source": lambda: visit.dice.choice(["dbt", "reconciliation"]),
        "notice_ids": lambda: [visit.id("notices")],
        "event_id": lambda: visit.id("audit_events"),
        "opportunity_id": lambda: visit.id("opportunities"),
        "examination_id": lambda: _examination(visit),
        "connection_id": lambda: visit.id("connections"),
        "file_id": lambda: visit.id("files"),
        "now": lambda: datetime.now(UTC),
        "today": today,
        "kind": lambda: visit.dice.choice([one for one in _mapped() if issubclass(one, Record)]),
        "version": lambda: 1,
        "table": lambda: visit.dice.choice(sorted({*RECORDS, *NOTES})),
        "tables": lambda: sorted(RECORDS),
        "ids": lambda: [visit.id(), visit.id("memberships")],
        "name": visit.text,
        "column": lambda: "customer_id",
        "one": lambda: visit.dice.choice(shown_fields(visit.dice.choice(sorted(RECORDS)))),
        "permission": lambda: "sales:write",
    }
    if name not in made and name.endswith("_id"):
        return visit.id()
    return made[name]()


def argument(visit: Visit, run: FunctionType, session: Any) -> dict[str, Any]:
    """A value for everything a reading needs."""
    parameters = inspect.signature(run).parameters.values()
    values = {
        one.name: _argument(visit, one.name, session)
        for one in parameters
        if one.default is one.empty or one.name == "wanted"
    }
    if "wanted" in values:
        made = {"sales": _deals, "reading": _records, "narrowing": _records}.get(
            run.__module__.rsplit(".", 1)[1], _events
        )
        values["wanted"] = made(visit)
    return values


def _mapped() -> list[Any]:
    return [mapper.class_ for mapper in Base.registry.mappers]


def _deals(visit: Visit) -> DealFilter:
    """A random filter over deals, foreign words and ids in it."""

    def maybe(make: Callable[[], str]) -> list[str]:
        return [make()] if visit.dice.random() < 0.2 else []

    return DealFilter(
        sales_rep_ids=maybe(lambda: visit.id("memberships")),
        customer_ids=maybe(lambda: visit.id("customers")),
        ids=maybe(lambda: visit.id("opportunities")),
        products=maybe(lambda: visit.text("products.name")),
        regional_offices=maybe(lambda: visit.text("memberships.regional_office")),
        text=visit.text() if visit.dice.random() < 0.4 else "",
    )


def _events(visit: Visit) -> EventFilter:
    who = [visit.id("memberships"), visit.text("audit_events.actor_label")] if visit.dice.random() < 0.4 else []
    operations = [visit.text("audit_events.operation")] if visit.dice.random() < 0.3 else []
    return EventFilter(who=who, operations=operations, record=visit.id() if visit.dice.random() < 0.4 else "")


def _records(visit: Visit) -> Wanted:
    """A random filter over records of some kind, foreign words and ids in it."""
    where = {"customer_id": [visit.id("customers")]} if visit.dice.random() < 0.3 else {}
    return Wanted(
        text=visit.some() if visit.dice.random() < 0.4 else "",
        where=where,
        sort=visit.dice.choice(["", "", "name", "amount", "cost"]),
        deleted=visit.dice.random() < 0.1,
    )


def _examination(visit: Visit) -> str:
    number = visit.number()
    with reading_as(next(one.actor for one in visit.world.people if one.number == number)) as session:
        known = examinations(session, next(one.actor for one in visit.world.people if one.number == number))
    return visit._ask(visit.dice.choice(known).id)


def drive_store(visit: Visit) -> Said:
    """Any reading there is."""
    known = {name: one for name, one in reads().items() if name not in ELSEWHERE}
    run = known[visit.dice.choice(sorted(known))]
    with visit.reading() as session:
        return visit.said(visit.try_(lambda: run(**argument(visit, run, session))))


# Doing ------------------------------------------------------------------------------------------------------------------


class _Undone(Exception):
    """Takes back what was done."""


@contextmanager
def undone(visit: Visit, *, scoped: bool | None = None) -> Iterator[Any]:
    """A writing transaction of which nothing remains."""
    as_member = visit.dice.random() < 0.5 if scoped is None else scoped
    with contextlib.suppress(_Undone), writing_as(visit.actor) if as_member else writing() as session:
        yield session
        raise _Undone


def _do(visit: Visit, session: Any) -> str:
    """An operation with the ids of others in it; what it returned or said, the audit it left, and that of the others."""
    name = visit.dice.choice(sorted(CASES))
    run = OPERATIONS[name]
    try:
        values = CASES[name](Company(session, visit.actor.organization_id))
        ids = [one for one in values if one == "id" or one.endswith("_id")]
        ids += [one for one in run.input.model_fields if one.endswith("_id") and one not in ids]
        for one in ids:
            if visit.dice.random() < 0.4 and name != "files.store":
                values[one] = visit.id(_table(one, run.entity))
        request = run.input(**values)
    except Exception as failure:
        return told(failure)

    def perform() -> object:
        with session.begin_nested():
            return run(session, visit.actor, request)

    return visit.try_(perform)


def _table(name: str, entity: str) -> str:
    tables = {"customer_id": "customers", "parent_customer_id": "customers", "team_id": "teams", "user_id": "users"}
    tables |= {"invitation_id": "invitations", "product_id": "products", "id": entity}
    return tables.get(name, "memberships")


def _rows_of_others(session: Any, who: Who, world: World) -> list[str]:
    """Every row of the other organizations, as it is now."""
    session.flush()
    mine = world.organizations[who.number]
    tables = [one for one in Base.metadata.sorted_tables if "organization_id" in one.c]
    return [
        str(row)
        for one in tables
        for row in session.connection().execute(select(one).where(one.c.organization_id != mine)).all()
    ]


def drive_operations(visit: Visit) -> Said:
    """Whatever is done with foreign ids changes and tells nothing of the others."""
    with undone(visit) as session:
        checks = visit.dice.random() < 0.2
        before = _rows_of_others(session, visit.who, visit.world) if checks else []
        answered = _do(visit, session)
        with contextlib.suppress(IntegrityError):
            after = _rows_of_others(session, visit.who, visit.world) if checks else []
            answered += " ".join(one for one in after if one not in before) if after != before else ""
    return visit.said(answered)


def drive_audit(visit: Visit) -> Said:
    """What an operation leaves in one's own audit."""
    answered = ""
    with undone(visit, scoped=False) as session:
        _do(visit, session)
        with contextlib.suppress(IntegrityError):
            session.flush()
            mine = AuditEvent.organization_id == visit.actor.organization_id
            rows = select(AuditEvent).where(mine).order_by(AuditEvent.position.desc()).limit(5)
            answered = told(session.scalars(rows).all())
    with visit.reading() as session:
        wanted = _events(visit)
        answered += visit.try_(lambda: audit_search.list_events(session, visit.actor, wanted))
    return visit.said(answered)


def drive_errors(visit: Visit) -> Said:
    """What is said when something is refused, and how it would be kept for the operator."""
    asks: list[Callable[[Any], object]] = [
        lambda session: sales.get_opportunity(session, visit.actor, visit.id("opportunities")),
        lambda session: read_receipt(session, visit.id("receipts"), visit.actor.organization_id),
        lambda session: files.download_link(session, visit.actor, visit.id("files")),
        lambda session: inbox.put_away(session, visit.actor, [visit.id("notices")], datetime.now(UTC)),
        lambda _: answer(serving_as(visit.actor), _question(visit)),
        lambda session: OPERATIONS["sales.create_opportunity"](
            session,
            visit.actor,
            sales.CreateOpportunity(
                name="Roof", customer_id=visit.id("customers"), sales_rep_id=visit.id("memberships")
            ),
        ),
    ]
    with undone(visit) as session:
        try:
            with session.begin_nested():
                visit.dice.choice(asks)(session)
        except Exception as failure:
            kept = told(failure) if not isinstance(failure, IntegrityError) else ""
            return visit.said(kept)
    return visit.said("")


# Numbers ------------------------------------------------------------------------------------------------------------------


def _question(visit: Visit, *, ungrouped: bool = False) -> Question:
    catalogue = serving(visit.actor.organization_id).catalogue
    seen = catalogue.without(visit.actor.hidden) if visit.dice.random() < 0.8 else catalogue
    metrics = visit.dice.sample(sorted(seen.metrics), visit.dice.choice([1, 1, 2]))
    shared = sorted(set.intersection(*(set(seen.metrics[one].dimensions) for one in metrics)) & set(seen.dimensions))
    by = () if ungrouped else tuple(visit.dice.sample(shared, min(len(shared), visit.dice.choice([0, 1, 2]))))
    where = {one: (_value(visit, one),) for one in shared if visit.dice.random() < (0.5 / max(1, len(shared)))}
    past = visit.dice.choice([0, 0, 3, 40])
    return Question(
        metrics=tuple(metrics),
        by=by,
        where=where,
        as_of=today() - timedelta(days=past),
        grain=None if ungrouped else visit.dice.choice([None, None, "month"]),
        limit=visit.dice.choice([None, 5]),
    )


def _value(visit: Visit, dimension: str) -> str:
    named = {
        "customer": "customers.name",
        "sales_rep": "memberships.name",
        "product": "products.name",
        "regional_office": "memberships.regional_office",
        "sector": "customers.sector",
        "country": "customers.country",
    }
    if "date" in dimension or dimension.endswith("_on"):
        return "2026-01-31"
    column = named.get(dimension)
    if column and visit.dice.random() < 0.7:
        return visit.text(column)
    return visit.some()


def drive_metrics(visit: Visit) -> Said:
    """A random question, foreign names in its filters."""
    return visit.said(visit.try_(lambda: _answered(visit)))


def _answered(visit: Visit) -> object:
    found = answer(serving_as(visit.actor), _question(visit))
    return (found.columns, found.rows, found.lines, found.plan)


def drive_records(visit: Visit) -> Said:
    """The records behind a number, as they are opened."""

    def behind() -> object:
        opened, question = serving_as(visit.actor), _question(visit, ungrouped=True)
        found = records_behind(
            opened, plan(opened, question), opened.catalogue.metric(question.metrics[0]).parts[-1], 20
        )
        with visit.reading() as session:
            return found, sales.list_opportunities(session, visit.actor, DealFilter(ids=found))

    return visit.said(visit.try_(behind))


verified: dict[str, str] = {}


def drive_receipts(visit: Visit) -> Said:
    """A receipt of anybody's, by its id or its beginning; what can be read is verified, once each."""

    def opened() -> object:
        wanted = visit.id("receipts") if visit.dice.random() < 0.7 else _written(visit)
        with visit.reading() as session:
            stored = read_receipt(session, wanted[: visit.dice.choice([6, 8, 32])], visit.actor.organization_id)
        if stored.id not in verified and visit.dice.random() < 0.1:
            verified[stored.id] = told(verify(stored))
        return stored, verified.get(stored.id)

    return visit.said(visit.try_(opened))


def _written(visit: Visit) -> str:
    """A fresh receipt of anybody's."""
    number = visit.number()
    other = visit.dice.choice([one for one in visit.world.people if one.number == number])
    question = Question(metrics=("deal_count",), as_of=today() - timedelta(days=visit.dice.randrange(5)))
    return write_receipt(other.actor, answer(serving_as(other.actor), question))


def drive_caches(visit: Visit) -> Said:
    """Right after another organization asked the same."""
    question = _question(visit)
    other = visit.dice.choice([one for one in visit.world.people if one.actor != visit.actor])
    dimension = visit.dice.choice(["sales_rep", "customer", "product", "regional_office"])
    asks: list[Callable[[Any], object]] = [
        lambda actor: answers.ask(actor, question),
        lambda actor: answers.sketch(actor, question),
        lambda actor: answers.choices(actor, dimension, question.as_of),
        lambda actor: answers.records(
            actor, question.model_copy(update={"by": (), "grain": None}), question.metrics[0], 9
        ),
        lambda actor: answers.names(actor, dimension, (visit.id("memberships"), visit.id("customers"))),
    ]
    ask = visit.dice.choice(asks)
    visit.try_(lambda: ask(other.actor))
    return visit.said(visit.try_(lambda: ask(visit.actor)))


# Taking away --------------------------------------------------------------------------------------------------------------

SHARE_OF_WHOLE_EXPORTS = 0.05


def drive_exports(visit: Visit) -> Said:
    """The audit as a file, and now and then everything."""

    def taken() -> object:
        if visit.dice.random() < SHARE_OF_WHOLE_EXPORTS:
            path = visit.world.house.home / "taken.zip"
            _forget_own_words(visit)
            export_organization(visit.actor, path)
            with zipfile.ZipFile(path) as archive:
                return [archive.read(one) for one in archive.namelist()] + archive.namelist()
        with writing_as(visit.actor) as session:
            before = audit_search.begin_export(session, visit.actor, "csv")
        with visit.reading() as session:
            rows = list(audit_search.export_events(session, visit.actor, _events(visit), before=before))
            return list(audit_search.as_csv(iter(rows))), [audit_search.as_record(one) for one in rows]

    return visit.said(visit.try_(taken))


def _forget_own_words(visit: Visit) -> None:
    """A receipt keeps the question, and some at other surfaces had foreign words in it: said by whoever asked."""
    with writing() as session:
        mine = Receipt.organization_id == visit.actor.organization_id
        session.execute(delete(Receipt).where(mine, Receipt.body.like('%"where":{"%')))


def drive_search(visit: Visit) -> Said:
    """Foreign texts and ids as what is searched for."""
    with visit.reading() as session:
        asks: list[Callable[[], object]] = [
            lambda: sales.list_opportunities(session, visit.actor, DealFilter(text=visit.some())),
            lambda: sales.list_opportunities(session, visit.actor, DealFilter(text=visit.dice.choice(["c", "a", "-"]))),
            lambda: list_records(session, visit.actor, visit.dice.choice(sorted(RECORDS)), Wanted(text=visit.some())),
            lambda: list_records(session, visit.actor, visit.dice.choice(sorted(RECORDS)), Wanted(text="a")),
            lambda: audit_search.list_events(session, visit.actor, EventFilter(record=visit.id())),
            lambda: audit_search.list_events(session, visit.actor, EventFilter(who=[visit.some()])),
            lambda: audit_search.actors_called(session, visit.actor, visit.text("users.email")),
            lambda: audit_search.actors_called(session, visit.actor, visit.text("memberships.name")),
        ]
        return visit.said(visit.try_(visit.dice.choice(asks)))


def drive_files(visit: Visit) -> Said:
    """Links to others' files: asked for, made up, put together from two, used for what they are not for."""

    def link() -> Link:
        organization = visit.dice.choice(sorted(visit.world.organizations.values()))
        verb = visit.dice.choice(list(Verb))
        ends = datetime.now(UTC) + timedelta(minutes=5)
        member = visit.dice.choice([None, visit.actor.membership_id])
        return Link(organization, visit.id("files"), verb, ends, "member", member)

    def follow(token: str) -> object:
        file, opened = files.opened(token)
        return file, opened, list(files.read_bytes(file, opened))

    def asked() -> object:
        own = visit.world.ids[visit.who.number]["files"][-3:]
        wanted = visit.dice.choice(own) if visit.dice.random() < 0.5 else visit.id("files")
        with visit.reading() as session:
            return follow(files.download_link(session, visit.actor, wanted))

    def crossed() -> object:
        # Signed by us for this organization, over a file of another.
        return follow(token_of(replace(link(), organization_id=visit.actor.organization_id, verb=Verb.DOWNLOAD)))

    def forged() -> object:
        told_ = token_of(link())
        key, _, text = told_.partition(".")
        own = URLSafeSerializer(b"another key", salt="links to files")
        return follow(
            visit.dice.choice([f"{key}.{own.dumps(json.loads(_payload(text)))}", _altered(told_, visit.dice)])
        )

    def uploaded() -> object:
        return files.awaited(_altered(token_of(link()), visit.dice))

    way = visit.dice.choice([asked, crossed, forged, uploaded])
    # Whoever made a link was judged then; what is signed here was made by nobody.
    return visit.said(visit.try_(way), by_rights=way is asked)


def _payload(text: str) -> str:
    return json.dumps(URLSafeSerializer(b"").loads_unsafe(text)[1])


def _altered(token: str, dice: Random) -> str:
    """One character is another one, never the same again."""
    place = dice.randrange(len(token))
    other = [one for one in "abcXYZ019._-" if one != token[place]]
    return token[:place] + dice.choice(other) + token[place + 1 :]


def drive_evidence(visit: Visit) -> Said:
    """The pages of anybody's examinations, and what they found."""
    wanted = _examination(visit)
    with visit.reading() as session:
        found = visit.try_(lambda: checks_of(session, visit.actor, wanted))
    return visit.said(found + visit.try_(lambda: read_evidence(visit.actor, wanted)))


def drive_mails(visit: Visit) -> Said:
    """What is written to members of one's organization, whoever caused it."""
    cause = visit.dice.choice(["invite", "resend", "notice", "reset"])
    with undone(visit, scoped=False) as session:
        before = set(session.scalars(select(Mail.id)))
        asked = visit.text("users.email")
        if cause == "invite":
            wanted = invitations.InvitePerson(email=asked, access_role="viewer", membership_id=None)
            visit.try_(lambda: OPERATIONS["organization.invite"](session, visit.actor, wanted))
        elif cause == "resend":
            one = invitations.OneInvitation(id=visit.id("invitations"))
            visit.try_(lambda: OPERATIONS["organization.resend_invitation"](session, visit.actor, one))
        elif cause == "notice":
            entity = visit.id("memberships")
            record_event(session, visit.actor, LOCKED_OUT, "memberships", entity)
            inbox.mail_notices(session, datetime.now(UTC), most=100)
        else:
            resets.ask_reset(session, asked, "192.0.2.1", datetime.now(UTC), lambda token: f"/idp/reset?token={token}")
        new = [one for one in session.scalars(select(Mail)) if one.id not in before]
        address = {one.email: one.number for one in visit.world.people}
        ours = [
            one
            for one in new
            if address.get(one.recipient) == visit.who.number or one.organization_id == visit.actor.organization_id
        ]
        written = told(ours)
    return visit.said(written, by_rights=False)


def drive_hooks(visit: Visit) -> Said:
    """What one's own identity provider tells of somebody, step by step, with others' addresses, names and keys in it."""
    key = visit.dice.choice([visit.text("external_ids.source_key"), visit.id("memberships"), "user_1"])
    actor = replace(operator_actor(visit.actor.organization_id), label=user_sync.LABEL)

    def tell(session: Any) -> object:
        emails = [visit.text("users.email"), f"guest-{visit.dice.random()}@guest.example"]
        data = {"id": key, "email": visit.dice.choice(emails), "name": visit.text("memberships.name")}
        role = {"role": visit.dice.choice(["owner", "admin", "viewer"])} if visit.dice.random() < 0.5 else {}
        kind = visit.dice.choice(["created", "created", "updated", "updated", "deleted"])
        body = json.dumps({"type": f"user.{kind}", "data": data | role}).encode()
        message = user_events.read_event(f"msg_{visit.dice.random()}", body)
        assert message is not None
        with session.begin_nested():
            return OPERATIONS["organization.sync_user"](session, actor, message)

    with undone(visit, scoped=False) as session:
        before = _rows_of_others(session, visit.who, visit.world) + _accounts_of_others(session, visit)
        answered = " ".join(visit.try_(lambda: tell(session)) for _ in range(3))
        after = _rows_of_others(session, visit.who, visit.world) + _accounts_of_others(session, visit)
        if after != before:
            foreign = next(one for one in visit.world.organizations if one != visit.who.number)
            answered += f" CANARY-{foreign}-0 was changed"
    return visit.said(answered, by_rights=False)


def _accounts_of_others(session: Any, visit: Visit) -> list[str]:
    """Everything about the people whom another organization knows, but for what a sign-in leaves."""
    session.flush()
    others = select(Membership.user_id).where(Membership.organization_id != visit.actor.organization_id)
    users = Base.metadata.tables["users"]
    rows = select(users.c.id, users.c.email, users.c.password_hash, users.c.profile).where(users.c.id.in_(others))
    return [str(row) for row in session.connection().execute(rows.order_by(users.c.id)).all()]


# The house's own doors -----------------------------------------------------------------------------------------------------


def drive_logs(visit: Visit) -> Said:
    """What the log got of anything above: ids at most, and of nobody but whoever acted."""
    place = settings().logs_path / "canaries.log"
    start = place.stat().st_size if place.exists() else 0
    drive = visit.dice.choice([drive_operations, drive_metrics, drive_search, drive_files, drive_exports, drive_mails])
    said = drive(visit)
    if visit.dice.random() < 0.3:
        keep_error(ValueError(f"Nobody with the e-mail {visit.text('users.email')!r} is a member."), "screen")
    with place.open(encoding="utf-8") if place.exists() else contextlib.nullcontext([]) as log:
        if place.exists():
            log.seek(start)
        lines = "".join(log)
    # An id that was asked for may be told, a text of anybody never.
    return Said(lines + _names_in(lines), " ".join(UUID.findall(said.asked)))


def _names_in(lines: str) -> str:
    """The texts in a log, as if they were foreign ones: nobody's belong there."""
    return " ".join(f"{one.group(1)}-0-{one.group(3)}" for one in MARK.finditer(lines))


def drive_http(visit: Visit, client: TestClient, paths: list[tuple[str, str]]) -> Said:
    """Every address of the house, whoever's ids and links stand in it."""
    method, path = visit.dice.choice(paths)
    own = visit.dice.random() < 0.2
    tokens = visit.world.tokens[visit.who.number if own else visit.number()]
    token = visit.dice.choice(tokens) if own else _altered(visit.dice.choice(tokens), visit.dice)
    values = [token, visit.some(), f"invited-{visit.number()}-{visit.dice.randrange(9)}x"]
    while "{" in path:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + visit.dice.choice(values) + path[end + 1 :]
    names = ("token", "email", "id", "state", "organization", "redirect_uri", "client_id")
    query = {one: visit.dice.choice(values) for one in names if visit.dice.random() < 0.4}
    visit.asked.append(f"{path} {query}")
    sent = {"headers": {"X-Request-ID": visit.some()[:60]}} | ({"data": query} if method == "POST" else {})
    found = client.request(method, path, params=query, **sent)
    assert found.status_code < 500 or found.status_code == 503, found.text
    return visit.said(found.text + str(dict(found.headers)))


VERBS: dict[str, Callable[[Visit, str], list[str]]] = {
    "metric": lambda visit, org: _metric_words(visit, org),
    "metrics": lambda visit, org: [
        *("metrics", "--org", org, "--as", visit.who.email, "--format", visit.dice.choice(["json", "table"])),
    ],
    "define": lambda visit, org: ["define", "--remove", visit.text()[:20], "--org", org, "--as", visit.who.email],
    "sql": lambda visit, org: ["sql", _select(visit), "--org", org, "--as", visit.who.email, "--format", "json"],
    "ask question": lambda visit, org: [
        *("ask", "question", _in_words(visit), "--org", org, "--as", visit.who.email),
        *("--format", visit.dice.choice(["json", "text"])),
    ],
    "ask evaluate": lambda visit, org: [
        *("ask", "evaluate", _in_a_file(visit), "--org", org, "--as", visit.who.email, "--format", "json"),
    ],
    "audit list": lambda visit, org: [
        *(
            "audit",
            "list",
            "--org",
            org,
            "--as",
            visit.who.email,
            "--format",
            visit.dice.choice(["json", "csv", "table"]),
        ),
        *(("--actor", visit.text("users.email")) if visit.dice.random() < 0.5 else ()),
    ],
    "audit verify": lambda visit, org: ["audit", "verify", "--org", org],
    "import": lambda visit, org: ["import", "--undo", visit.id(), "--org", org, "--as", visit.who.email],
    "organization members": lambda visit, org: ["organization", "members", org],
    "organization invite": lambda visit, org: [
        "organization",
        "invite",
        org,
        f"guest-{visit.dice.random()}@guest.example",
    ],
    "connectors list": lambda visit, org: ["connectors", "list", "--org", org, "--as", visit.who.email],
    "connectors add": lambda visit, org: ["connectors", "add", "none", "--org", org, "--as", visit.who.email],
    "connectors test": lambda visit, org: ["connectors", "test", visit.text(), "--org", org, "--as", visit.who.email],
    "connectors sync": lambda visit, org: ["connectors", "sync", visit.text(), "--org", org, "--as", visit.who.email],
    "connectors pause": lambda visit, org: ["connectors", "pause", visit.id(), "--org", org, "--as", visit.who.email],
    "connectors remove": lambda visit, org: ["connectors", "remove", visit.id(), "--org", org, "--as", visit.who.email],
    "organization delete": lambda visit, org: ["organization", "delete", org, "--yes-delete", visit.text()],
}
"""Verbs that speak of one organization → a random call of them."""


def _select(visit: Visit) -> str:
    """Somebody's own SELECT, other people's ids and words in it."""
    word = visit.text().replace("'", "''")
    table, column = visit.dice.choice(
        [("people_customers", "customer_name"), ("people_users", "email"), ("fct_opportunities", "opportunity_id")]
    )
    chosen = visit.dice.choice(["*", column, f"count(distinct {column}) as n", f"'{word}' as word, *"])
    return visit.dice.choice(
        [f"select {chosen} from {table}", f"select {chosen} from {table} where {column}::varchar <> '{word}'"]
    )


def _in_words(visit: Visit) -> str:
    """A question as people type it, with other people's names and ids in it."""
    asked = visit.dice.choice(["revenue of {}", "open deals of {}", "tickets by {}", "won deals by rep", "who is {}?"])
    return str(asked.format(visit.some()))


def _in_a_file(visit: Visit) -> str:
    """Questions in a file, the gold of which reads tables by itself."""
    cases = [
        {"id": "a", "question": _in_words(visit), "kind": "refuse"},
        {"id": "b", "question": "customers", "kind": "answer", "gold_sql": _select(visit)},
    ]
    kept = Path(tempfile.mkdtemp()) / "cases.yaml"
    kept.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return str(kept)


def _metric_words(visit: Visit, org: str) -> list[str]:
    question = _question(visit)
    where = [f"--where={name}={value[0]}" for name, value in question.where.items()]
    by = ["--by", ",".join(question.by)] if question.by else []
    form = visit.dice.choice(["json", "csv", "table"])
    return ["metric", ",".join(question.metrics), "--org", org, "--as", visit.who.email, *by, *where, "--format", form]


def drive_commands(visit: Visit) -> Said:
    """The command line for one's own organization; with `--as`, for nobody else's."""
    verb = visit.dice.choice(sorted(VERBS))
    called = visit.dice.random() < 0.2 and verb in {
        "ask question",
        "ask evaluate",
        "metric",
        "sql",
        "audit list",
        "import",
    }
    org = visit.world.slugs[visit.number() if called else visit.who.number]
    words = VERBS[verb](visit, org)
    ran = CliRunner().invoke(commands, words)
    # Without `--as` the operator of the installation reads, whatever the member may see.
    return visit.said(ran.output + (told(ran.exception) if ran.exception else ""), by_rights="--as" in words)


CHEAP: dict[str, Callable[[Visit], Said]] = {
    "store": drive_store,
    "operations": drive_operations,
    "audit": drive_audit,
    "errors": drive_errors,
    "metrics": drive_metrics,
    "records": drive_records,
    "receipts": drive_receipts,
    "caches": drive_caches,
    "exports": drive_exports,
    "search": drive_search,
    "files": drive_files,
    "evidence": drive_evidence,
    "mails": drive_mails,
    "hooks": drive_hooks,
    "logs": drive_logs,
    "commands": drive_commands,
}
"""Surfaces that need nothing but the entered house."""
