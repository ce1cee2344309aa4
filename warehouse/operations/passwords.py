"""Which passwords are accepted, and how one is stored and compared."""

import unicodedata
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

PASSWORD_MINIMUM = 10
PASSWORD_MAXIMUM = 200
COMMON = Path(__file__).with_name("common_passwords.txt")
SHORTEST_PART = 4


class PasswordRefused(ValueError):
    """A password that would be guessed; the sentence says why."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def decoy() -> str:
    """A hash nobody's password has, so that an unknown address costs the same work as a known one."""
    return _hasher().hash("nobody has this password")


def check_password(password: str, *own: str) -> None:
    """Refuse a password that is short, common, or made of the person's `own` words (e-mail, name)."""
    if len(password) < PASSWORD_MINIMUM:
        raise PasswordRefused(f"A password needs at least {PASSWORD_MINIMUM} characters; several words work well.")
    if len(password) > PASSWORD_MAXIMUM:
        raise PasswordRefused(f"A password has at most {PASSWORD_MAXIMUM} characters.")
    plain = _folded(password)
    if plain in _common() or len(set(plain)) < SHORTEST_PART:
        raise PasswordRefused("This password is one of the first that are tried. Choose another one.")
    if any(_is_made_of(plain, word) for word in own):
        raise PasswordRefused("This password is your name or e-mail address. Choose another one.")


def _is_made_of(plain: str, own: str) -> bool:
    """Whether hardly anything is left of the password without the person's own words."""
    whole = _folded(own)
    parts = {whole, whole.partition("@")[0], whole.replace(" ", ""), *whole.replace("@", " ").replace(".", " ").split()}
    rest = plain.replace(" ", "").replace(".", "")
    for part in sorted((one.replace(".", "") for one in parts if len(one) >= SHORTEST_PART), key=len, reverse=True):
        rest = rest.replace(part, "")
    return len(rest) < SHORTEST_PART


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def hash_password(password: str, *own: str) -> str:
    """The Argon2id hash to store for a password; raises PasswordRefused."""
    check_password(password, *own)
    return _hasher().hash(password)


def verify(password: str, expected: str) -> bool:
    """Whether a password has this hash; what is no hash matches nothing."""
    try:
        return _hasher().verify(password, expected)
    except UnknownHashError:
        return False


def renewed(password: str, stored: str) -> str | None:
    """A new hash for a password that matches, where the stored one was made with other costs than today's."""
    try:
        _, fresh = _hasher().verify_and_update(password, stored)
    except UnknownHashError:
        return None
    return fresh
