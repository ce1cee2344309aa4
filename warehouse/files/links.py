"""Links that open one file of one organization for one purpose, until they expire."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer

from warehouse.oltp.files import FileKind
from warehouse.secrets import KeyMissing, keys_for
from warehouse.settings import settings

PATH = "/files"
PURPOSE = "links to files"
SHORT, LONGEST = timedelta(minutes=10), timedelta(days=7)
"""How long a link lasts unless asked otherwise, and at most."""
MOST_CHARACTERS = 2_000


class LinkRefused(Exception):
    """Altered, expired, for another purpose, or never made here; nobody is told which."""


class Verb(StrEnum):
    """What a link lets its holder do."""

    DOWNLOAD = "download"
    UPLOAD = "upload"


@dataclass(frozen=True)
class Link:
    """What a link says. It is signed, not sealed: no name of a person or file stands in it."""

    organization_id: str
    file_id: str
    verb: Verb
    expires_at: datetime
    """To the second."""
    label: str
    """How the audit names whoever it was made for, without a membership."""
    membership_id: str | None = None
    kind: FileKind | None = None
    """Of a file to be uploaded."""
    contains_personal: bool = True
    """Of a file to be uploaded; of one to be downloaded, whether its holder sees what is personal, its name included."""
    kept_until: datetime | None = None


def token_of(link: Link) -> str:
    """The link as text for an address; it names the key that signs it. Raises KeyMissing."""
    ring = keys_for(PURPOSE)
    return _signed(link, ring.current, ring.keys[ring.current])


def address_of(token: str) -> str:
    """Where a token is used, for mails and other programs."""
    return f"{settings().origin}{PATH}/{token}"


def link_in(token: str, verb: Verb, now: datetime) -> Link:
    """The link that a token stands for, if it is good for this now. Raises LinkRefused."""
    key_id, _, text = token.partition(".")
    try:
        key = keys_for(PURPOSE).keys.get(key_id) if len(token) <= MOST_CHARACTERS and token.isascii() else None
        found = _link(_serializer(key).loads(text)) if key else None
    except (BadData, KeyMissing, LookupError, TypeError, ValueError) as refused:
        raise LinkRefused from refused
    # Base64 has several spellings of the same bytes; only the one that was handed out is good.
    if key is None or found is None or not hmac.compare_digest(_signed(found, key_id, key), token):
        raise LinkRefused
    if found.verb is not verb or found.expires_at <= now:
        raise LinkRefused
    return found


def _signed(link: Link, key_id: str, key: bytes) -> str:
    told = [
        link.organization_id,
        link.file_id,
        link.verb,
        int(link.expires_at.timestamp()),
        link.label,
        link.membership_id,
        link.kind,
        link.contains_personal,
        int(link.kept_until.timestamp()) if link.kept_until else None,
    ]
    return f"{key_id}.{_serializer(key).dumps(told)}"


def _link(told: list[object]) -> Link:
    organization_id, file_id, verb, expires, label, membership_id, kind, personal, until = told
    return Link(
        organization_id=str(organization_id),
        file_id=str(file_id),
        verb=Verb(str(verb)),
        expires_at=datetime.fromtimestamp(int(str(expires)), UTC),
        label=str(label),
        membership_id=str(membership_id) if membership_id else None,
        kind=FileKind(str(kind)) if kind else None,
        contains_personal=bool(personal),
        kept_until=datetime.fromtimestamp(int(str(until)), UTC) if until else None,
    )


def _serializer(key: bytes) -> URLSafeSerializer:
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(key, salt=PURPOSE, signer_kwargs=signing)
