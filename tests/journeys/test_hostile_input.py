"""Whatever is sent to whatever takes something: a refusal in words or a plain result, never a failure or a live page."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from apps.health import CHECKS
from tests.apps.conftest import Running
from tests.apps.signing import Provider
from tests.apps.ui.conftest import MAIN
from tests.houses import forget_everything
from tests.journeys.canary_house import addresses, application
from tests.journeys.hostile import BODIES, NUMBERS, TEXTS, is_live
from tests.journeys.looking import ADDRESSED, signed_in
from tests.journeys.planted import World
from tests.journeys.surfaces import Visit
from tests.warehouse.operations.cases import CASES, Company
from warehouse.oltp import migrate
from warehouse.oltp.engine import engine, writing
from warehouse.oltp.organization import User
from warehouse.operations.audit_search import EventFilter, as_csv, export_events, list_events
from warehouse.operations.declare import OPERATIONS, NotAllowedNow, NotFound, StaleVersion
from warehouse.operations.hook_secrets import MakeSecret, make_secret
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.operations.sales import DealFilter, list_opportunities
from warehouse.settings import settings
from warehouse.tenancy import AccessRole, Forbidden, operator_actor

REFUSALS = (ValidationError, Forbidden, NotFound, NotAllowedNow, StaleVersion)
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
FIELDS = (
    *("email", "password", "new_password", "again", "token", "code", "name", "csrf", "state", "client_id", "id"),
    *("redirect_uri", "scope", "nonce", "grant_type", "id_token_hint", "post_logout_redirect_uri", "organization"),
)
HEADERS = ("User-Agent", "X-Request-ID", "Cookie", "Authorization", "Range", "Content-Disposition", "X-Forwarded-For")
ON_SCREENS = (
    *("sql", "jinja", "header", "formula", "script", "attribute", "markdown", "right to left", "nul", "combining"),
    *("number", "long"),
)
"""What could do something on a screen."""
EVERY_TEXT = pytest.mark.parametrize("kind", sorted(TEXTS))


@dataclass
class Home:
    """A store in which ana owns acme, and the application over it."""

    organization_id: str
    web: TestClient
    paths: list[tuple[str, str]]
    provider: Provider
    """Signs with the organization's secret."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The application without its screens, in this process."""
    before = list(CHECKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LONGHOUSE_HOME", str(tmp_path_factory.mktemp("hostile")))
        forget_everything()
        migrate.upgrade()
        with writing() as session:
            ana = User(email="ana@acme.test", profile={"name": "Ana Rivers"}, created_at=datetime.now(UTC))
            session.add(ana)
            session.flush()
            asked = CreateOrganization(slug="acme", name="Acme", owner_user_id=ana.id, owner_name="Ana Rivers")
            made = create_organization(session, asked).id
            secret = make_secret(session, operator_actor(made), MakeSecret())
        # A failure is answered as on the network, so that the answer can be looked at.
        web = TestClient(application()[0], settings().origin, raise_server_exceptions=False, follow_redirects=False)
        yield Home(made, web, _answering(), Provider(web, "/api/hooks/users/acme", secret))
        engine().dispose()
        CHECKS[:] = before
    forget_everything()


def _answering() -> list[tuple[str, str]]:
    """Every address; HEAD is answered by what answers GET."""
    return [(method, path) for method, path in addresses() if method != "HEAD"]


def _is_calm(found: Any, where: str) -> None:
    assert found.status_code < 500 or (found.status_code == 503 and found.text.strip()), f"{where}: {found.text[:400]}"
    assert "Traceback" not in found.text, where
    assert "taken" not in found.headers.get("set-cookie", ""), where
    if "html" in found.headers.get("content-type", ""):
        assert not is_live(found.text), where


@pytest.mark.slow
@EVERY_TEXT
def test_an_address_answers_calmly_whatever_stands_in_it(home: Home, kind: str) -> None:
    text = TEXTS[kind].encode("utf-8", "surrogatepass")
    # Servers take 64 KB of address: one long part, or many of a thousand characters.
    short, long = quote(text[:1_000]), quote(text[:15_000])
    for method, path in home.paths:
        filled = re.sub(r"{[^}]*}", short, path)
        query = "&".join(f"{name}={short}" for name in FIELDS)
        _is_calm(home.web.request(method, f"{filled}?{query}"), f"{method} {path}")
        _is_calm(home.web.request(method, f"{filled}/{long}"), f"{method} {path}/…")


@pytest.mark.slow
@EVERY_TEXT
def test_a_header_is_no_way_in(home: Home, kind: str) -> None:
    text = TEXTS[kind].encode("utf-8", "surrogatepass")[:60_000]
    sent = [(name.encode(), text) for name in HEADERS]
    for method, path in home.paths:
        _is_calm(home.web.request(method, path, headers=sent), f"{method} {path}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_body_is_read_or_refused(home: Home, kind: str) -> None:
    content, content_type = BODIES[kind]
    for method, path in home.paths:
        sent = {"Content-Type": content_type} if content_type else {}
        _is_calm(home.web.request(method, path, content=content, headers=sent), f"{method} {path}")


@pytest.mark.slow
@EVERY_TEXT
def test_a_form_of_the_provider_takes_no_harm(home: Home, kind: str) -> None:
    """With the form's own guard, so that what is typed is really looked at."""
    typed = TEXTS[kind].encode("utf-8", "surrogatepass")[:100_000]
    asked = Running(settings().origin, "", "").asked(token="x" * 43)
    guarded = 0
    for method, path in home.paths:
        if method != "POST" or not path.startswith("/idp"):
            continue
        home.web.cookies.clear()
        found = CSRF.search(home.web.get(path, params=asked).text)
        guarded += found is not None
        fields = {name: typed for name in FIELDS if name != "csrf"} | ({"csrf": found[1]} if found else {})
        _is_calm(home.web.post(path, params=asked, data=fields), path)
        for other in ("password", "name", "code"):
            fields["email"] = b"ana@acme.test"
            _is_calm(home.web.post(path, params=asked, data=fields | {other: typed}), f"{path} {other}")
    assert guarded >= 2, "the sign-in and the reset have forms"


FIELDS_OF_USERS = ("id", "email", "name", "first_name", "role", "external_id", "primary_email_address_id")


@pytest.mark.slow
@EVERY_TEXT
def test_a_signed_message_takes_no_harm(home: Home, kind: str) -> None:
    """Signed as it must be, so that what stands in it is really looked at; and in the headers, where it cannot be."""
    right = {"id": "user_1", "email": "eve@acme.test", "name": "Eve"}
    for field in FIELDS_OF_USERS:
        for what in ("created", "updated", "deleted"):
            body = json.dumps({"type": f"user.{what}", "data": right | {field: TEXTS[kind][:60_000]}}).encode()
            answer = home.provider.post(body)
            _is_calm(answer, f"{field} of user.{what}")
            assert answer.status_code in {200, 422}, answer.text
    text = TEXTS[kind].encode("utf-8", "surrogatepass")[:60_000]
    for part in ("id", "timestamp", "signature"):
        sent = [(f"webhook-{one}".encode(), text if one == part else b"1") for one in ("id", "timestamp", "signature")]
        answer = home.web.post(home.provider.where, content=b"{}", headers=sent)
        _is_calm(answer, part)
        assert answer.status_code == 401


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_signed_body_is_read_or_refused(home: Home, kind: str) -> None:
    answer = home.provider.post(BODIES[kind][0])
    _is_calm(answer, kind)
    assert answer.status_code in {413, 422}


class _Undone(Exception):
    """Takes back what was done."""


@contextmanager
def _undone() -> Iterator[Session]:
    with suppress(_Undone), writing() as session:
        yield session
        raise _Undone


def _fields(name: str) -> list[str]:
    return [one for one, told in OPERATIONS[name].input.model_fields.items() if "content" not in one]


def _values(name: str, field: str) -> dict[str, Any]:
    """What is put into a field: texts where it takes any, numbers where it takes any, both where one cannot tell."""
    kinds = str(OPERATIONS[name].input.model_fields[field].annotation)
    numbers = NUMBERS if any(one in kinds for one in ("int", "Decimal", "float")) else {}
    return TEXTS | {f"number {kind}": value for kind, value in numbers.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_an_operation_refuses_in_words_or_keeps_what_it_was_given(home: Home, name: str) -> None:
    """Through its input model and into the store, with a right call in which one field is hostile."""
    run, wrong = OPERATIONS[name], []
    with _undone() as session:
        # Made once: every try is taken back to here.
        right = CASES[name](Company(session, home.organization_id))
        for field in _fields(name):
            for kind, value in _values(name, field).items():
                with suppress(_Undone), session.begin_nested():
                    _try(run, session, home.organization_id, right | {field: value}, wrong, f"{field}: {kind}")
                    raise _Undone
                session.expunge_all()
    assert wrong == [], "\n".join(wrong)


def _try(run: Any, session: Session, organization_id: str, values: Any, wrong: list[str], at: str) -> None:
    try:
        with session.begin_nested():
            run(session, operator_actor(organization_id), run.input(**values))
            session.flush()
    except REFUSALS as refused:
        if len(str(refused)) > 5_000:
            wrong.append(f"{at}: a refusal of {len(str(refused)):,} characters")
    except IntegrityError as unknown:
        # A reference to a record that is not there: the last guard, behind ids that no screen offers.
        if "FOREIGN KEY" not in str(unknown.orig):
            wrong.append(f"{at}: {type(unknown).__name__}: {str(unknown)[:120]}")
    except Exception as failure:
        wrong.append(f"{at}: {type(failure).__name__}: {str(failure)[:120]}")


@pytest.mark.slow
@EVERY_TEXT
def test_a_search_takes_any_text(home: Home, kind: str) -> None:
    # Half a character cannot come over a socket: what is sent as UTF-8 is replaced on the way.
    text = TEXTS[kind].encode("utf-8", "replace").decode()
    actor = operator_actor(home.organization_id)
    with writing() as session:
        for wanted in (DealFilter(text=text), DealFilter(ids=[text]), DealFilter(products=[text], stages=[text])):
            assert list_opportunities(session, actor, wanted)[0] == 0 or not text.strip()
        for events in (EventFilter(record=text), EventFilter(who=[text]), EventFilter(operations=[text])):
            list_events(session, actor, events)
        for line in as_csv(export_events(session, actor, EventFilter())):
            assert not line.startswith(("=", "+", "@", "\t"))


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(file for file, parameters in ADDRESSED.items() if parameters))
def test_a_screen_takes_any_address(world: World, file: str) -> None:
    owner = next(one for one in world.people if one.actor.role is AccessRole.OWNER)
    who = signed_in(Visit(world, owner, None))  # type: ignore[arg-type]
    for kind in ON_SCREENS:
        text = TEXTS[kind]
        screen = AppTest.from_file(MAIN, default_timeout=300).run()
        screen.session_state["signed_in"] = who
        screen.switch_page(f"screens/{file}")
        for name in ADDRESSED[file]:
            screen.query_params[name] = text
        screen.run()
        assert not screen.exception, f"{kind}: {screen.exception}"
        assert not [one for one in screen.error if "the reference" in one.value], kind
        for node in screen._tree:
            proto = getattr(node, "proto", None)
            raw = getattr(node, "type", "") in {"html", "iframe"} or getattr(proto, "allow_html", False)
            assert not (raw and is_live(str(proto))), f"{kind} stands on {file} as HTML"
