"""People sign in with a password, act in one organization at a time, and stop at once when their rights end."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.organization import Membership, Organization, RoleGrant, SignInSession, User
from warehouse.operations import identity, passwords, sessions
from warehouse.operations.identity import SignedIn
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, BusinessFunction, rights_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PASSWORD = "correct horse"


@dataclass
class Company:
    acme: str
    globex: str
    ana: str
    """Owner at acme, viewer at globex."""
    bob: str
    """Member with sales at globex."""
    bobs_membership: str


@pytest.fixture(autouse=True)
def _home(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    engine.cache_clear()
    shutil.copy(empty_store, tmp_path)
    yield
    engine().dispose()
    settings.cache_clear()
    engine.cache_clear()


WRITTEN = {"created_at": NOW, "updated_at": NOW, "change_seq": 0}


def _membership(organization_id: str, user_id: str, role: AccessRole) -> Membership:
    return Membership(organization_id=organization_id, user_id=user_id, name="x", access_role=role, **WRITTEN)


@cache
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def company() -> Company:
    with writing() as session:
        acme = Organization(slug="acme", name="Acme", currency="EUR", locale="de_DE", created_at=NOW, change_seq=0)
        globex = Organization(slug="globex", name="Globex", created_at=NOW, change_seq=0)
        ana = User(email="Ana@Acme.test", password_hash=_hashed(), profile={"name": "Ana Rivers"}, created_at=NOW)
        bob = User(email="bob@globex.test", password_hash=_hashed(), created_at=NOW)
        session.add_all([acme, globex, ana, bob])
        session.flush()
        bobs = _membership(globex.id, bob.id, AccessRole.MEMBER)
        at_acme, at_globex = AccessRole.OWNER, AccessRole.VIEWER
        session.add_all([_membership(acme.id, ana.id, at_acme), _membership(globex.id, ana.id, at_globex), bobs])
        session.flush()
        sales = BusinessFunction.SALES
        session.add(RoleGrant(organization_id=globex.id, membership_id=bobs.id, business_function=sales, **WRITTEN))
        return Company(acme.id, globex.id, ana.id, bob.id, bobs.id)


def _check(email: str, password: str) -> str | None:
    with reading() as session:
        user = identity.check_sign_in(session, email, password)
        return user.id if user else None


def _open(user_id: str) -> str:
    with writing() as session:
        return identity.open_session(session, session.get_one(User, user_id), NOW).id


def _seen(session_id: str, at: datetime = NOW) -> SignedIn | None:
    with reading() as session:
        return identity.actor_of(session, session_id, at)


def _choose(session_id: str, organization_id: str) -> None:
    with writing() as session:
        identity.choose_organization(session, session_id, organization_id)


def _change(kind: type, row_id: str, **values: object) -> None:
    with writing() as session:
        row = session.get_one(kind, row_id)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize("email", ["Ana@Acme.test", "ana@acme.test", "  ANA@ACME.TEST "])
def test_an_e_mail_address_is_the_same_in_any_case(company: Company, email: str) -> None:
    assert _check(email, PASSWORD) == company.ana


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana@acme.test", "Correct horse"),
        ("ana@acme.test", ""),
        ("nobody@acme.test", PASSWORD),
        ("", PASSWORD),
        ("ana@acme.test\0", PASSWORD),
        ("a" * 400, PASSWORD),
    ],
)
def test_any_other_pair_is_refused(company: Company, email: str, password: str) -> None:
    assert _check(email, password) is None


def test_an_inactive_person_is_refused(company: Company) -> None:
    _change(User, company.ana, is_active=False)
    assert _check("ana@acme.test", PASSWORD) is None


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_a_person_without_a_usable_password_is_refused(company: Company, stored: str | None) -> None:
    _change(User, company.ana, password_hash=stored)
    assert _check("ana@acme.test", PASSWORD) is None


def test_an_unknown_address_costs_a_hash_like_a_known_one(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(identity, "verify", lambda password, expected: bool(compared.append(expected)))
    _check("nobody@acme.test", PASSWORD)
    assert compared[0].startswith("$argon2id$")


def test_the_only_organization_is_chosen_already(company: Company) -> None:
    seen = _seen(_open(company.bob))
    assert seen is not None
    assert seen.actor is not None
    assert (seen.organization_slug, seen.user_name, seen.currency) == ("globex", "bob@globex.test", "USD")
    assert seen.actor.membership_id == company.bobs_membership
    assert seen.actor.functions == {BusinessFunction.SALES}
    assert seen.actor.may("sales:write")


def test_of_several_organizations_none_is_chosen(company: Company) -> None:
    seen = _seen(_open(company.ana))
    assert seen is not None
    assert (seen.actor, seen.organization_name, seen.user_name) == (None, None, "Ana Rivers")


def test_rights_are_those_of_the_chosen_organization(company: Company) -> None:
    session_id = _open(company.ana)
    _choose(session_id, company.acme)
    at_acme = _seen(session_id)
    _choose(session_id, company.globex)
    at_globex = _seen(session_id)
    assert at_acme is not None
    assert at_acme.actor is not None
    assert (at_acme.currency, at_acme.locale, at_acme.actor.role) == ("EUR", "de_DE", AccessRole.OWNER)
    assert at_globex is not None
    assert at_globex.actor is not None
    assert at_globex.actor.permissions == frozenset(rights_of(AccessRole.VIEWER))


def test_only_a_members_organization_can_be_chosen(company: Company) -> None:
    session_id = _open(company.bob)
    with pytest.raises(identity.NotAMember):
        _choose(session_id, company.acme)


def test_an_ended_session_chooses_nothing(company: Company) -> None:
    session_id = _open(company.ana)
    with writing() as session:
        sessions.close_session(session, session_id, NOW)
    for ended in (session_id, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(identity.SignInOver):
            _choose(ended, company.acme)


def test_a_sign_in_ends_when_it_is_closed_and_closing_again_changes_nothing(company: Company) -> None:
    session_id = _open(company.bob)
    for at in (NOW, NOW + timedelta(hours=1)):
        with writing() as session:
            sessions.close_session(session, session_id, at)
    assert _seen(session_id) is None
    with reading() as session:
        assert session.get_one(SignInSession, session_id).revoked_at == NOW


@pytest.mark.parametrize("ending", [{"is_active": False}, {"deleted_at": NOW}])
def test_a_sign_in_ends_with_the_membership(company: Company, ending: dict[str, object]) -> None:
    session_id = _open(company.bob)
    _change(Membership, company.bobs_membership, **ending)
    assert _seen(session_id) is None
    with reading() as session:
        assert identity.organizations_of(session, company.bob) == []


def test_a_sign_in_ends_with_the_person_and_with_the_organization(company: Company) -> None:
    bobs, anas = _open(company.bob), _open(company.ana)
    _change(Organization, company.globex, deleted_at=NOW)
    _change(User, company.ana, is_active=False)
    assert (_seen(bobs), _seen(anas), _seen("unknown")) == (None, None, None)


def test_a_withdrawn_function_gives_no_rights(company: Company) -> None:
    session_id = _open(company.bob)
    with writing() as session:
        session.query(RoleGrant).update({"deleted_at": NOW})
    seen = _seen(session_id)
    assert seen is not None
    assert seen.actor is not None
    assert seen.actor.permissions == frozenset(rights_of(AccessRole.MEMBER))


def test_organizations_are_listed_by_name(company: Company) -> None:
    with reading() as session:
        names = [(choice.slug, choice.name) for choice in identity.organizations_of(session, company.ana)]
    assert names == [("acme", "Acme"), ("globex", "Globex")]
