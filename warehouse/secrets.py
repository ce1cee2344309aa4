"""Secrets that must be read back: sealed one by one under a key that is kept outside the data folder."""

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from warehouse.settings import settings

FORM = "v1"
NONCE_BYTES = 12
RING = "sealing_keys.json"
INSTALLATION = "installation"


class KeyMissing(Exception):
    """The key that a secret was sealed with is not here, or cannot be kept here."""


@dataclass(frozen=True)
class Ring:
    """The sealing keys by id, and which of them seals."""

    current: str
    keys: dict[str, bytes]


def keys_folder() -> Path:
    """Where this installation's keys are kept: `keys_path`, else a folder of its own under the user's configuration.

    The folder bears an id kept in the data folder, so that a data folder that is moved or copied finds its keys.
    """
    if settings().keys_path:
        return Path(settings().keys_path).expanduser()
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "longhouse" / _installation()


def _installation() -> str:
    path = settings().home / INSTALLATION
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_once(path, secrets.token_hex(8))
    return path.read_text().strip()


def seal(text: str) -> str:
    """The text, readable only with the current key; the sealed form names that key."""
    ring = _ring()
    nonce = secrets.token_bytes(NONCE_BYTES)
    closed = AESGCM(ring.keys[ring.current]).encrypt(nonce, text.encode(), _bound(ring.current))
    return f"{FORM}.{ring.current}.{urlsafe_b64encode(nonce + closed).decode()}"


def unseal(sealed: str) -> str:
    """The text that was sealed; raises KeyMissing when its key is not here or it was altered."""
    key_id, body = key_id_of(sealed), sealed.rpartition(".")[2]
    key = _ring().keys.get(key_id)
    if key is None:
        raise KeyMissing(
            f"A secret is sealed with the key {key_id}, which is not in {keys_folder()}. Put the key file back, or set "
            "LONGHOUSE_KEYS_PATH to the folder that has it."
        )
    try:
        raw = urlsafe_b64decode(body)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key_id)).decode()
    except (InvalidTag, ValueError) as altered:
        raise KeyMissing(f"A sealed secret was altered, or its key {key_id} is another one.") from altered


def key_id_of(sealed: str) -> str:
    """Which key a secret is sealed with; raises KeyMissing for what is no sealed secret."""
    form, _, rest = sealed.partition(".")
    if form != FORM or "." not in rest:
        raise KeyMissing("A secret in the store is not in the form this version seals.")
    return rest.partition(".")[0]


def keys_for(purpose: str) -> Ring:
    """Keys for another purpose, one derived from each sealing key: they change and stay as those do."""
    ring = _ring()
    derived = {
        name: HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key) for name, key in ring.keys.items()
    }
    return Ring(ring.current, derived)


def new_current_key() -> str:
    """Make a key, seal with it from now on, keep the former ones; its id."""
    ring, made = _ring(), _new_id()
    _write(Ring(made, ring.keys | {made: AESGCM.generate_key(256)}))
    return made


def forget_keys(used: set[str]) -> list[str]:
    """Drop the keys that seal nothing: neither current, nor the one before it, nor in `used`. The ids dropped."""
    ring = _ring()
    kept = used | set(list(ring.keys)[-2:]) | {ring.current}
    dropped = [one for one in ring.keys if one not in kept]
    if dropped:
        _write(Ring(ring.current, {one: key for one, key in ring.keys.items() if one in kept}))
    return dropped


def _bound(key_id: str) -> bytes:
    """What a sealed text is bound to: moved under another key id, it does not open."""
    return f"{FORM}.{key_id}".encode()


def _new_id() -> str:
    return f"k{secrets.token_hex(4)}"


def _ring() -> Ring:
    """The keys as they are now: another process may have added one a moment ago."""
    path = keys_folder() / RING
    if not path.exists():
        made = _new_id()
        _make_folder(path.parent)
        write_once(path, _as_text(Ring(made, {made: AESGCM.generate_key(256)})))
    told = json.loads(path.read_text())
    return Ring(told["current"], {name: urlsafe_b64decode(key) for name, key in told["keys"].items()})


def _as_text(ring: Ring) -> str:
    keys = {name: urlsafe_b64encode(key).decode() for name, key in ring.keys.items()}
    return json.dumps({"current": ring.current, "keys": keys})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as failure:
        raise KeyMissing(
            f"The folder for keys, {folder}, cannot be made ({failure.strerror}). Set LONGHOUSE_KEYS_PATH to a folder "
            "outside the data folder that this user may write to."
        ) from failure


def _write(ring: Ring) -> None:
    replace(keys_folder() / RING, _as_text(ring))


def write_once(path: Path, text: str) -> None:
    """Make a file for its owner alone, whole or not at all; of two processes at once, the first one's stays."""
    draft = _draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def replace(path: Path, text: str) -> None:
    """Put a file for its owner alone in the place of another, whole or not at all."""
    os.replace(_draft(path, text), path)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return draft
