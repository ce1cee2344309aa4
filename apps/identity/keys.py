"""The secrets of an installation, made once and readable by its owner alone; the signing key can be changed."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet, RSAKey

from warehouse.secrets import replace, write_once
from warehouse.settings import settings

SIGNING = "signing_key.json"
FORMER = "former_signing_keys.json"


@dataclass(frozen=True)
class Keys:
    """What signs ID tokens, what signs cookies, and what the UI proves itself with."""

    folder: Path
    cookie_secret: str
    client_secret: str

    @property
    def signing(self) -> RSAKey:
        """The key that signs now: another process may have changed it a moment ago."""
        return _key((self.folder / SIGNING).read_text())

    @property
    def published(self) -> KeySet:
        """The keys that ID tokens are checked with: the one that signs, and former ones until their tokens expired."""
        current = self.signing
        former = [RSAKey.import_key(one["key"]) for one in _former(self.folder)]
        return KeySet([current, *(key for key in former if key.kid != current.kid)])


def load_keys(folder: Path) -> Keys:
    """The keys kept in a folder; those that are missing are made."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _kept(folder / SIGNING, _new_signing_key)
    return Keys(
        folder=folder,
        cookie_secret=_kept(folder / "cookie_secret", secrets.token_urlsafe),
        client_secret=_kept(folder / "client_secret", secrets.token_urlsafe),
    )


def rotate_signing_key(folder: Path) -> str:
    """Sign with a new key from now on; the former one is published until the last token it signed expired. The new id."""
    keys = load_keys(folder)
    ends = time.time() + settings().session_minutes * 60
    former = [*_former(folder), {"key": keys.signing.as_dict(private=False), "until": ends}]
    # First kept, then replaced: at no moment is a token signed by a key that is not published.
    replace(folder / FORMER, json.dumps(former))
    replace(folder / SIGNING, _new_signing_key())
    return str(keys.signing.kid)


@lru_cache(maxsize=2)
def _key(written: str) -> RSAKey:
    """The key of a text; reading one proves its numbers, in the time of signing fifty tokens."""
    return RSAKey.import_key(json.loads(written))


def _former(folder: Path) -> list[dict[str, Any]]:
    path = folder / FORMER
    told = json.loads(path.read_text()) if path.exists() else []
    return [one for one in told if one["until"] > time.time()]


def _new_signing_key() -> str:
    key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        write_once(path, make())
    return path.read_text()
