"""Signatures of messages after the Standard Webhooks specification (standardwebhooks.com), version 1.0.

The package `standardwebhooks` (MIT, no dependencies) would live with our pins. It is not used, for around these few
lines it takes one secret where a rotation has two, asks a clock of its own, and lets binascii.Error, ValueError and
UnicodeDecodeError out for what a stranger may send.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from warehouse.operations.hook_secrets import PREFIX

TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock, and the way of the message, may be from ours."""
VERSION = "v1"
LONGEST_ID, MOST_SIGNATURES = 256, 20
NAMES = ("webhook", "svix")
"""What the headers' names begin with; Svix, and with it Clerk, wrote its own name there before there was a standard."""


@dataclass(frozen=True)
class Signed:
    """What the headers of a message say."""

    id: str
    timestamp: str
    signatures: tuple[str, ...]

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "Signed | None":
        """From the headers; None where one is missing or longer than any is."""
        for name in NAMES:
            told = [headers.get(f"{name}-{part}", "") for part in ("id", "timestamp", "signature")]
            if all(told) and len(told[0]) <= LONGEST_ID:
                signatures = told[2].split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
                return cls(told[0], told[1], tuple(signatures))
        return None

    def holds(self, body: bytes, secrets: Iterable[str], now: datetime) -> bool:
        """Whether the message is of now, and one of its signatures is made with one of the secrets."""
        if not self._is_of(now):
            return False
        expected = [sign(secret, self.id, self.timestamp, body).encode() for secret in secrets]
        told = [one.encode("utf-8", "replace") for one in self.signatures]
        return any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in told)

    def _is_of(self, now: datetime) -> bool:
        if not (self.timestamp.isascii() and self.timestamp.isdecimal() and len(self.timestamp) <= 12):
            return False
        return abs(now.timestamp() - int(self.timestamp)) <= TOLERANCE.total_seconds()


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature of a message: `v1,` and the Base64 of HMAC-SHA256 over its id, its seconds since 1970 and its body."""
    # Headers come as Latin-1, and go into the digest as the bytes they came as.
    signed = f"{message_id}.{timestamp}.".encode("latin-1") + body
    made = hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256)
    return f"{VERSION},{b64encode(made).decode()}"
