"""The walk among the canaries bites: with a filter taken away at a surface, that surface says something foreign."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from tests.journeys import surfaces
from tests.journeys.looking import drive_screens
from tests.journeys.planted import World
from tests.journeys.surfaces import Said, Visit
from warehouse import cache, logs
from warehouse.cache import CacheKey
from warehouse.files import links
from warehouse.metrics import answer, receipts, serving
from warehouse.metrics.names import values_of
from warehouse.oltp import engine
from warehouse.oltp.organization import AuditEvent, Membership
from warehouse.oltp.scope import INSTALLATION
from warehouse.operations import (
    audit_search,
    checks,
    errors,
    files,
    inbox,
    narrowing,
    sales,
    takeaway,
    user_sync,
)
from warehouse.operations import reading as records_of
from warehouse.tenancy import Actor

MOST = 400
"""Visits until something foreign must have been said."""
Mutation = Callable[[pytest.MonkeyPatch, World], None]


def _next(world: World, organization_id: str) -> str:
    """Another organization."""
    known = list(world.organizations.values())
    return known[(known.index(organization_id) + 1) % len(known)]


def _elsewhere(world: World, run: Callable[..., Any]) -> Callable[..., Any]:
    """The same for whoever acts, as if they acted in another organization."""

    def changed(*given: Any, **named: Any) -> Any:
        def moved(one: Any) -> Any:
            return replace(one, organization_id=_next(world, one.organization_id)) if isinstance(one, Actor) else one

        return run(*map(moved, given), **{name: moved(one) for name, one in named.items()})

    return changed


def _sees_all_rows(patch: pytest.MonkeyPatch) -> None:
    """Takes away the guard that stands behind every query."""
    begun = engine._reading
    patch.setattr(engine, "_reading", lambda _scope, hidden: begun(INSTALLATION, hidden))


def _deals_of_others(patch: pytest.MonkeyPatch, world: World) -> None:
    _sees_all_rows(patch)
    patch.setattr(sales, "_matching", _elsewhere(world, sales._matching))


def _extract_of_another(patch: pytest.MonkeyPatch, world: World) -> None:
    found = serving.extracts_of
    patch.setattr(serving, "extracts_of", lambda one: found(_next(world, one)))


def _records_of_another(patch: pytest.MonkeyPatch, world: World) -> None:
    _extract_of_another(patch, world)
    _sees_all_rows(patch)
    patch.setattr(sales, "_matching", _elsewhere(world, sales._matching))


def _key_without_organization(patch: pytest.MonkeyPatch, world: World) -> None:
    one = Actor(world.organizations[1], "everybody", frozenset())

    def key(_actor: Any, _opened: Any, what: str, question: Any, *parts: Any) -> CacheKey:
        return CacheKey.of(one, what, receipts.canonical(question.canonical()), *parts)

    patch.setattr(surfaces.answers, "_key", key)


def _unsigned_links(patch: pytest.MonkeyPatch, _world: World) -> None:
    def believed(token: str, _verb: object, _now: object) -> links.Link:
        try:
            found = links._link(URLSafeSerializer(b"").loads_unsafe(token.partition(".")[2])[1])
        except (TypeError, ValueError) as wrong:
            raise links.LinkRefused from wrong
        return found

    patch.setattr(files, "link_in", believed)


def _files_of_anybody(patch: pytest.MonkeyPatch, _world: World) -> None:
    _sees_all_rows(patch)

    def found(session: Any, _organization: str, file_id: str, _now: object) -> Any:
        return session.scalars(select(files.File).where(files.File.id == file_id)).one()

    patch.setattr(files, "find_file", found)


def _receipts_of_anybody(patch: pytest.MonkeyPatch, _world: World) -> None:
    _sees_all_rows(patch)
    read = receipts.read_receipt
    patch.setattr(surfaces, "read_receipt", lambda session, told, _organization: read(session, told))


def _audit_of_anybody(patch: pytest.MonkeyPatch, _world: World) -> None:
    _sees_all_rows(patch)
    patch.setattr(audit_search, "_matching", lambda _actor, _wanted: select(AuditEvent))


def _names_of_another(patch: pytest.MonkeyPatch, world: World) -> None:
    def words(opened: Any, dimension: Any, ids: Any) -> dict[object, object]:
        other = serving.serving(_next(world, opened.provenance.organization_id))
        return dict(zip([one for one in ids if one], values_of(other, dimension), strict=False))

    patch.setattr(answer, "words_for", words)


def _unredacted(patch: pytest.MonkeyPatch, _world: World) -> None:
    patch.setattr(logs, "_hidden", lambda _logger, _method, event: event)
    patch.setattr(errors, "redact", str)
    logs.to_file("canaries")


def _mails_to_another(patch: pytest.MonkeyPatch, world: World) -> None:
    send = inbox.send_mail
    strangers = {one.email: one for one in world.people}

    def astray(session: Any, to: str, *told: Any) -> Any:
        number = strangers[to].number % len(world.organizations) + 1 if to in strangers else 1
        return send(session, next(one.email for one in world.people if one.number == number), *told)

    patch.setattr(inbox, "send_mail", astray)


def _accounts_of_anybody(patch: pytest.MonkeyPatch, _world: World) -> None:
    patch.setattr(user_sync, "_is_elsewhere", lambda _work, _user: False)


def _keys_of_anybody(patch: pytest.MonkeyPatch, _world: World) -> None:
    def found(work: Any, email: str | None) -> Any:
        return (
            work.session.scalars(select(Membership).where(Membership.user_id.is_not(None))).first() if email else None
        )

    patch.setattr(user_sync, "_called", found)


def _unveiled(patch: pytest.MonkeyPatch, _world: World) -> None:
    @contextmanager
    def nothing(_tags: object) -> Iterator[None]:
        yield

    patch.setattr(engine, "veiled", nothing)


def _evidence_of_anybody(patch: pytest.MonkeyPatch, world: World) -> None:
    place = checks.evidence_place
    patch.setattr(
        checks,
        "evidence_place",
        lambda _organization, one: next(
            page for other in world.organizations.values() if (page := place(other, one)).exists()
        ),
    )


def _export_of_everything(patch: pytest.MonkeyPatch, _world: World) -> None:
    def rows(session: Any, _table: Any, columns: Any, _organization: str) -> Iterator[list[Any]]:
        yield from (list(row) for row in session.execute(select(*columns)))

    patch.setattr(takeaway, "_rows", rows)
    patch.setattr(surfaces, "SHARE_OF_WHOLE_EXPORTS", 1.0)


def _members_of_another(patch: pytest.MonkeyPatch, world: World) -> None:
    """What a screen opens is another organization's: the session's scope and the query's condition together."""
    begun = engine.reading_as
    patch.setattr(engine, "reading_as", _elsewhere(world, begun))
    _sees_all_rows(patch)
    patch.setattr(sales, "_matching", _elsewhere(world, sales._matching))
    every_kind = _elsewhere(world, narrowing.all_of)
    for place in (narrowing, records_of):
        patch.setattr(place, "all_of", every_kind)


MUTATIONS: dict[str, tuple[Callable[[Visit], Said], Mutation]] = {
    "store: the session's scope and the query's condition": (surfaces.drive_store, _deals_of_others),
    "metrics: the extract of another": (surfaces.drive_metrics, _extract_of_another),
    "records: the extract of another and both guards of the store": (surfaces.drive_records, _records_of_another),
    "caches: the organization in the key and the file in it": (surfaces.drive_caches, _key_without_organization),
    "files: the signature of a link": (surfaces.drive_files, _unsigned_links),
    "files: the organization of a file and the session's scope": (surfaces.drive_files, _files_of_anybody),
    "receipts: their organization and the session's scope": (surfaces.drive_receipts, _receipts_of_anybody),
    "search: the organization of the audit and the session's scope": (surfaces.drive_search, _audit_of_anybody),
    "exports: the organization of the audit and the session's scope": (surfaces.drive_exports, _audit_of_anybody),
    "exports: the organization of a table that is taken away": (surfaces.drive_exports, _export_of_everything),
    "metrics: names of another extract": (surfaces.drive_metrics, _names_of_another),
    "logs: redaction of a line and of what is kept of a failure": (surfaces.drive_logs, _unredacted),
    "mails: whom they go to": (surfaces.drive_mails, _mails_to_another),
    "hooks: whose account it is": (surfaces.drive_hooks, _accounts_of_anybody),
    "hooks: whose member it is": (surfaces.drive_hooks, _keys_of_anybody),
    "evidence: the organization of a page": (surfaces.drive_evidence, _evidence_of_anybody),
    "rights: the veil over personal columns": (surfaces.drive_store, _unveiled),
    "screens: the session's scope and the query's condition": (drive_screens, _members_of_another),
}
"""Surface and what is taken away there → how it is driven, what takes it away. Two names: a second guard holds alone."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_filter_taken_away_is_found_out(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    drive, mutate = MUTATIONS[name]
    mutate(monkeypatch, world)
    for remembered in (cache.memory()._kept, surfaces.verified):
        remembered.clear()
    serving.catalogue_for.cache_clear()
    seen = map(partial(_wrong, world, drive), range(MOST if drive is not drive_screens else 200))
    assert any(seen), f"without {name} nothing foreign was said"


def _wrong(world: World, drive: Callable[[Visit], Said], number: int) -> bool:
    dice = Random(number)
    visit = Visit(world, dice.choice(world.people), dice)
    return bool(visit.wrong(drive(visit)))


@pytest.fixture(autouse=True)
def _as_it_was(world: World) -> Iterator[None]:
    """What was remembered under a mutation is forgotten."""
    yield
    cache.memory().forget(cache.PREFIX)
    logs.to_file("canaries")
