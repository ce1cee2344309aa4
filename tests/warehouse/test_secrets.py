"""Secrets are unreadable without a key that is kept elsewhere; keys change without losing any."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from warehouse import secrets
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.identity import Authenticator, Mail
from warehouse.oltp.organization import Organization, User
from warehouse.oltp.sealed import Sealed, keys_in_use, reseal, sealed_columns
from warehouse.operations.keys import rotate_sealing_key
from warehouse.operations.mail import send_mail
from warehouse.secrets import KeyMissing, key_id_of, keys_folder, seal, unseal
from warehouse.settings import settings

pytestmark = pytest.mark.usefixtures("store")


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    first, second = seal("über-secret"), seal("über-secret")
    assert (unseal(first), unseal(second)) == ("über-secret", "über-secret")
    assert first != second
    assert "secret" not in first


def test_a_sealed_text_names_its_key_and_opens_with_no_other(tmp_path: Path) -> None:
    sealed = seal("x")
    assert key_id_of(sealed) in json.loads((keys_folder() / secrets.RING).read_text())["keys"]
    other = secrets.new_current_key()
    with pytest.raises(KeyMissing, match="altered"):
        unseal(sealed.replace(key_id_of(sealed), other))


@pytest.mark.parametrize("broken", ["", "plain", "v1.k00000000.AAAA", "v2.k.AAAA", "v1.k"])
def test_what_cannot_be_opened_says_what_to_do(broken: str) -> None:
    with pytest.raises(KeyMissing):
        unseal(broken)


def test_an_altered_text_does_not_open() -> None:
    sealed = seal("a text of some length")
    with pytest.raises(KeyMissing):
        unseal(sealed[:-6] + ("AAAAAA" if not sealed.endswith("AAAAAA") else "BBBBBB"))


def test_the_key_is_outside_the_data_folder_and_for_its_owner_alone() -> None:
    seal("x")
    path = keys_folder() / secrets.RING
    assert settings().home not in path.parents
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_data_folder_that_is_moved_or_copied_finds_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal("x")
    shutil.copytree(settings().home, tmp_path / "moved", symlinks=True)
    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path / "moved"))
    settings.cache_clear()
    assert unseal(sealed) == "x"


def test_without_the_key_the_store_says_which_one_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing() as session:
        send_mail(session, "ana@acme.test", "hello", "a link")
    monkeypatch.setenv("LONGHOUSE_KEYS_PATH", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    with reading() as session, pytest.raises(KeyMissing, match="LONGHOUSE_KEYS_PATH"):
        session.query(Mail).one()


def test_every_sealed_column_is_found_in_the_metadata() -> None:
    found = {f"{one.table.name}.{one.name}" for one in sealed_columns()}
    assert found >= {"authenticators.secret", "outbox.text"}


def test_a_rotation_reseals_every_value_and_keeps_the_key_before(acme: Organization) -> None:
    with writing() as session:
        user = session.query(User).first()
        assert user is not None
        session.add(Authenticator(user_id=user.id, secret="BASE32", created_at=user.created_at, last_step=1))
        send_mail(session, "ana@acme.test", "hello", "a link")
    with reading() as session:
        before = keys_in_use(session)
    told = rotate_sealing_key()
    assert (told.resealed, told.dropped) == (2, [])
    with reading() as session:
        assert keys_in_use(session) == {told.current}
        assert (session.query(Authenticator).one().secret, session.query(Mail).one().text) == ("BASE32", "a link")
    assert before != {told.current}
    assert rotate_sealing_key().dropped == list(before)


def test_a_table_of_anybody_is_resealed_by_its_primary_key() -> None:
    class Base(DeclarativeBase):
        pass

    class Token(Base):
        __tablename__ = "tokens"
        source: Mapped[str] = mapped_column(primary_key=True)
        number: Mapped[int] = mapped_column(primary_key=True)
        value: Mapped[str | None] = mapped_column(Sealed())

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Token(source="a", number=1, value="one"), Token(source="a", number=2, value=None)])
        session.flush()
        fresh = secrets.new_current_key()
        assert reseal(session, Base.metadata) == 1
        stored = session.execute(text("select value from tokens order by number")).scalars().all()
        assert (key_id_of(str(stored[0])), stored[1]) == (fresh, None)
        session.expire_all()
        assert session.get_one(Token, ("a", 1)).value == "one"
