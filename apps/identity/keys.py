"""The secrets of an installation, made once and readable by its owner alone."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import RSAKey


@dataclass(frozen=True)
class Keys:
    """What signs ID tokens, what signs cookies, and what the UI proves itself with."""

    signing: RSAKey
    cookie_secret: str
    client_secret: str


def load_keys(folder: Path) -> Keys:
    """The keys kept in a folder; those that are missing are made."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return Keys(
        signing=RSAKey.import_key(json.loads(_kept(folder / "signing_key.json", _new_signing_key))),
        cookie_secret=_kept(folder / "cookie_secret", secrets.token_urlsafe),
        client_secret=_kept(folder / "client_secret", secrets.token_urlsafe),
    )


def _new_signing_key() -> str:
    key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        _write_once(path, make())
    return path.read_text()


def _write_once(path: Path, text: str) -> None:
    """A link appears whole or not at all: of two processes starting together, both end with the first one's key."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
