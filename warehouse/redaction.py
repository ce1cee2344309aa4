"""Takes out of texts what a log must not keep: secrets, e-mail addresses, card numbers, values of statements, places."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from warehouse.cards import DIGITS, is_card
from warehouse.settings import CHECKOUT, settings

HIDDEN = "[hidden]"
SECRET_NAMES = (
    *("password", "passwd", "pwd", "passphrase", "secret", "token", "authorization", "cookie", "credential"),
    *("api_key", "apikey", "private_key", "signature", "csrf", "email", "e_mail", "recipient", "phone"),
)
"""Parts of a name whose value is never kept."""
COUNTED = ("tokens",)
"""Ends of names that count something: their numbers are no secret."""
LONGEST = 20_000
"""Characters of one text that are kept."""

_NAMED = r"pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|credentials?|api[_-]?key|private[_-]?key|csrf"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]
# A repr has no line break of its own: what stands on the rest of the line are values, whatever is in them.
_SQL_VALUES = re.compile(r"\[parameters: [^\n]*")
_COOKIE = re.compile(r"\b((?:set-)?cookie[\"']?\s*[:=]\s*)[^\n]*", re.IGNORECASE)
_DETAIL = re.compile(r"\b(DETAIL|CONTEXT):[^\n]*")
_INPUT = re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", re.DOTALL)
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s\"'<>]*@", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*")
_BEARER = re.compile(r"\b(bearer|basic|digest)\s+[\w.~+/=:-]{6,}", re.IGNORECASE)
_KEY = re.compile(r"\b(?:sk|pk|rk|lh|xox[a-z]|gh[a-z])[-_][\w-]{12,}")
_PAIR = re.compile(
    rf"""((?<![a-z])[\w-]*(?:{_NAMED})[\w-]*["']?\s*[=:]\s*)(\[hidden\]|"[^"]*"|'[^']*'|[^\s,;&"'}})\]]+)""",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"([?&](?:code|state|nonce|key|sig)=)[^&\s\"']+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]]+@[^\s@<>\"'(),;:=\[\]/]+\.[^\s@<>\"'(),;:=\[\]/]+")


def redact(text: str) -> str:
    """The text without what somebody could use or be known by; places on this machine are named, not told."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n…\n{text[-LONGEST // 2 :]}"
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    for place, name in _places(str(settings().home)):
        text = text.replace(place, name)
    return text


def redacted(value: object, name: str = "") -> object:
    """A value as a log may keep it, whatever it is made of; all of it is hidden where its name says so."""
    if _is_secret(name, value):
        return HIDDEN
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if redact(str(value)) == str(value) else HIDDEN
    if isinstance(value, Mapping):
        return {redact(str(key)): redacted(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(one) for one in value]
    return redact(value if isinstance(value, str) else str(value))


def _is_secret(name: str, value: object) -> bool:
    plain = name.lower().replace("-", "_")
    if plain.endswith(COUNTED) and isinstance(value, int | float):
        return False
    return any(part in plain for part in SECRET_NAMES)


def _card(found: re.Match[str]) -> str:
    """Card numbers carry a check digit; other long numbers stay."""
    return "[card]" if is_card(found[0]) else found[0]


@cache
def _places(home: str) -> tuple[tuple[str, str], ...]:
    """Folders of this machine and what stands for them, the longest first."""
    known = {home: "<home>", str(CHECKOUT): "<longhouse>"}
    return tuple(sorted(known.items(), key=lambda pair: -len(pair[0])))


_RULES = (
    (_SQL_VALUES, f"[parameters: {HIDDEN}]"),
    (_DETAIL, rf"\1: {HIDDEN}"),
    (_INPUT, f"input_value={HIDDEN}"),
    (_PEM, HIDDEN),
    (_ADDRESS, rf"\1{HIDDEN}@"),
    (_JWT, "[token]"),
    (_BEARER, r"\1 [token]"),
    (_KEY, "[token]"),
    (_PAIR, rf"\1{HIDDEN}"),
    (_COOKIE, rf"\1{HIDDEN}"),
    (_ANSWER, rf"\1{HIDDEN}"),
    (_EMAIL, "[e-mail]"),
    (DIGITS, _card),
)
