"""Files over HTTP: who holds a link gets or gives one file; whatever else is asked for is not found."""

import socket
import string
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from apps.files import files_app
from tests.houses import forget_everything
from warehouse.files.links import PATH, Link, Verb, address_of, token_of
from warehouse.files.places import place
from warehouse.oltp import migrate
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.files import File, FileKind
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.organization import AuditEvent, Membership, Organization, User
from warehouse.operations import files
from warehouse.operations.file_upkeep import clean_up
from warehouse.operations.files import Handing
from warehouse.operations.identity import member_actor
from warehouse.operations.organization import CreateOrganization, create_organization
from warehouse.settings import settings
from warehouse.tenancy import Actor

CSV = b"name,amount\nPebble & Sons,12.5\n"
NAMED = {"Content-Disposition": "attachment; filename=\"x.csv\"; filename*=UTF-8''%C3%84mter.csv"}
over_one_server = examples(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Desk:
    """The application on a port, ana of acme, bob of globex."""

    base: str
    ana: Actor
    bob: Actor

    def kept(self, content: bytes = CSV, actor: Actor | None = None, **told: Any) -> File:
        handing = {"kind": FileKind.ATTACHMENT, "name": "deals.csv"} | told
        return files.keep_file(actor or self.ana, Handing(**handing), [content])

    def link(self, file: File, actor: Actor | None = None) -> str:
        """The address that opens a file."""
        with reading() as session:
            return self.at(files.download_link(session, actor or self.ana, file.id))

    def at(self, token: str) -> str:
        return f"{self.base}{PATH}/{token}"


def _actor(slug: str, email: str) -> Actor:
    with writing() as session:
        user = User(email=email, profile={}, created_at=datetime.now(UTC))
        session.add(user)
        session.flush()
        made = create_organization(
            session, CreateOrganization(slug=slug, name=slug, owner_user_id=user.id, owner_name="Owner")
        )
        return member_actor(session, made.id, email)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listening:
        patch.setenv("LONGHOUSE_HOME", str(home))
        patch.setenv("LONGHOUSE_FILES_LIMIT_MB", "3")
        forget_everything()
        migrate.upgrade()
        app = Starlette(routes=[Mount(PATH, files_app())])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Desk(
            f"http://127.0.0.1:{listening.getsockname()[1]}",
            _actor("acme", "ana@acme.test"),
            _actor("globex", "bob@globex.test"),
        )
        server.should_exit = True
        thread.join()
        engine().dispose()
    forget_everything()


def _is_not_found(answer: httpx.Response) -> bool:
    """As every other thing that is not found."""
    same = httpx.Headers({"cache-control": "no-store", "content-type": "text/plain; charset=utf-8"})
    return (answer.status_code, answer.text) == (404, "Not found.\n") and all(
        answer.headers[name] == value for name, value in same.items()
    )


def test_a_file_comes_as_something_to_save_and_nothing_to_run(desk: Desk) -> None:
    answer = httpx.get(desk.link(desk.kept(b"<html><script>alert(1)</script>", name='Ü"b\r\n.html')))
    assert answer.content == b"<html><script>alert(1)</script>"
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9C%22b.html"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_table_comes_as_something_to_save(desk: Desk) -> None:
    answer = httpx.get(desk.link(desk.kept()))
    assert answer.content == CSV
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-length"] == str(len(CSV))


def test_asking_for_the_head_tells_the_size_and_reads_nothing(desk: Desk) -> None:
    made = desk.kept()
    answer = httpx.head(desk.link(made))
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(CSV)))
    assert not _readings(made)


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-3", 206, CSV[:4]),
        ("bytes=5-", 206, CSV[5:]),
        ("bytes=-4", 206, CSV[-4:]),
        ("bytes=5-9999", 206, CSV[5:]),
        ("bytes=9999-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=5-2", 200, CSV),
        ("bytes=0-1,3-4", 200, CSV),
        ("lines=1", 200, CSV),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(desk: Desk, asked: str, status: int, content: bytes) -> None:
    answer = httpx.get(desk.link(desk.kept()), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, content)
    if status == 206:
        first = CSV.index(content)
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(content) - 1}/{len(CSV)}"


def _readings(file: File) -> int:
    with reading() as session:
        return session.query(AuditEvent).filter_by(entity_id=file.id, operation="files.read").count()


def test_each_reading_of_people_is_written_down(desk: Desk) -> None:
    made = desk.kept()
    for _ in range(2):
        httpx.get(desk.link(made))
    assert _readings(made) == 2
    plain = desk.kept(contains_personal=False)
    httpx.get(desk.link(plain))
    assert _readings(plain) == 0


@over_one_server
@given(where=st.integers(0, 10_000), other=st.sampled_from(string.ascii_letters + string.digits + "-_.~!$*"))
def test_a_link_with_any_character_altered_is_not_found(desk: Desk, where: int, other: str) -> None:
    token = urlsplit(_some_link(desk)).path.removeprefix(f"{PATH}/")
    at = where % len(token)
    altered = token[:at] + other + token[at + 1 :]
    answer = httpx.get(desk.at(altered))
    assert answer.status_code == 200 if altered == token else _is_not_found(answer)


_made: dict[str, str] = {}


def _some_link(desk: Desk) -> str:
    return _made.setdefault(desk.base, desk.link(desk.kept(contains_personal=False)))


def _signed(desk: Desk, file: File, **changes: Any) -> str:
    told = {
        "organization_id": file.organization_id,
        "file_id": file.id,
        "verb": Verb.DOWNLOAD,
        "expires_at": datetime.now(UTC) + timedelta(minutes=1),
        "label": "member",
    }
    return desk.at(token_of(Link(**(told | changes))))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda desk, file: _signed(desk, file, expires_at=datetime.now(UTC) - timedelta(seconds=1)),
        lambda desk, file: _signed(desk, file, organization_id=desk.bob.organization_id),
        lambda desk, file: _signed(desk, file, verb=Verb.UPLOAD),
        lambda desk, file: _signed(desk, file, file_id=uuid7()),
        lambda desk, file: _signed(desk, file, file_id="../../operational.db"),
        lambda desk, file: _signed(desk, file, organization_id=".."),
        lambda desk, file: _signed(desk, file, membership_id=uuid7()),
        lambda desk, file: desk.at(""),
        lambda desk, file: desk.at(file.id),
        lambda desk, file: desk.at("../files/" + file.id),
        lambda desk, file: desk.at("%2e%2e%2foperational.db"),
        lambda desk, file: desk.at("a" * 20_000),
    ],
    ids=["expired", "foreign", "verb", "unknown", "path", "place", "stranger", "none", "id", "up", "coded", "long"],
)
def test_what_is_no_link_to_this_file_now_is_not_found_all_alike(desk: Desk, wrong: Callable[..., str]) -> None:
    file = desk.kept()
    assert httpx.get(_signed(desk, file)).status_code == 200
    assert _is_not_found(httpx.get(wrong(desk, file)))


def test_deleted_expired_and_lost_files_are_not_found(desk: Desk) -> None:
    deleted, lost = desk.kept(), desk.kept()
    ends = datetime.now(UTC) + timedelta(seconds=0.5)
    brief = desk.kept(expires_at=ends)
    links = [desk.link(one) for one in (deleted, lost, brief)]
    files.delete_file(desk.ana, deleted.id)
    place().remove(lost.organization_id, lost.id)
    time.sleep(0.6)
    assert all(_is_not_found(httpx.get(link)) for link in links)
    assert clean_up(datetime.now(UTC)).expired == 1


def test_a_link_ends_with_the_membership_it_was_made_for(desk: Desk) -> None:
    carl = _actor("initech", "carl@initech.test")
    link = desk.link(desk.kept(actor=carl), carl)
    assert httpx.get(link).status_code == 200
    _set(Membership, carl.membership_id, is_active=False)
    assert _is_not_found(httpx.get(link))
    _set(Membership, carl.membership_id, is_active=True)
    _set(Organization, carl.organization_id, deleted_at=datetime.now(UTC))
    assert _is_not_found(httpx.get(link))


def _set(kind: type[Any], record_id: str | None, **values: Any) -> None:
    with writing() as session:
        for name, value in values.items():
            setattr(session.get_one(kind, record_id), name, value)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "PUT", "POST"])
def test_a_link_to_read_is_good_for_nothing_else(desk: Desk, method: str) -> None:
    file = desk.kept()
    assert _is_not_found(httpx.request(method, desk.link(file), content=b"other" if method in "PUT POST" else None))
    assert httpx.get(desk.link(file)).content == CSV


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_link_takes_one_file_in_once(desk: Desk, method: str) -> None:
    file_id, token = files.upload_link(desk.ana, FileKind.UPLOAD)
    assert _is_not_found(httpx.get(desk.at(token)))
    answer = httpx.request(method, desk.at(token), content=CSV, headers=NAMED)
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == file_id
    with reading() as session:
        row = session.get_one(File, file_id)
    assert (row.name, row.organization_id, row.created_by) == (
        "Ämter.csv",
        desk.ana.organization_id,
        desk.ana.membership_id,
    )
    assert httpx.get(desk.link(row)).content == CSV
    assert _is_not_found(httpx.request(method, desk.at(token), content=b"again"))
    assert httpx.get(desk.link(row)).content == CSV


def _nothing_of(file_id: str) -> bool:
    with reading() as session:
        row = session.get(File, file_id)
    return row is None and not list(settings().files_path.rglob(f"*{file_id}*"))


def test_too_much_is_refused_whether_it_is_told_or_not(desk: Desk) -> None:
    file_id, token = files.upload_link(desk.ana, FileKind.UPLOAD)

    def untold() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    for content in (b"x" * (4 * 1024 * 1024), untold()):
        try:
            answer = httpx.put(desk.at(token), content=content)
        except httpx.TransportError:
            # Refused while it was still being sent.
            assert not isinstance(content, bytes)
        else:
            assert (answer.status_code, "larger than 3 MB" in answer.text) == (413, True)
        assert _nothing_of(file_id)


def test_a_type_that_is_not_taken_in_is_told(desk: Desk) -> None:
    file_id, token = files.upload_link(desk.ana, FileKind.UPLOAD)
    answer = httpx.put(desk.at(token), content=b"MZ\x90\x00", headers=NAMED)
    assert answer.status_code == 415
    assert "Nothing was kept" in answer.text
    assert _nothing_of(file_id)


def test_an_upload_that_breaks_off_leaves_nothing_and_can_be_tried_again(desk: Desk) -> None:
    file_id, token = files.upload_link(desk.ana, FileKind.UPLOAD)
    host, port = urlsplit(desk.base).hostname, urlsplit(desk.base).port
    with socket.create_connection((host, port)) as line:
        line.sendall(
            f"PUT {PATH}/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n".encode() + b"x" * 500_000
        )
        _until(lambda: list(settings().files_path.rglob(f"*{file_id}*")))
    _until(lambda: _nothing_of(file_id))
    assert httpx.put(desk.at(token), content=CSV).status_code == 201


def _until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_the_application_answers_under_its_own_address(running: Any) -> None:
    answer = httpx.get(f"{running.base}{PATH}/nothing")
    assert _is_not_found(answer)
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_an_address_for_a_mail_is_the_public_one(desk: Desk) -> None:
    assert address_of("token") == f"{settings().origin}/files/token"
