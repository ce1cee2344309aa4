"""Identifiers that sort by the moment they were made."""

import secrets
from datetime import UTC, datetime, timedelta
from random import Random

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(at: datetime | None = None, random: Random | None = None) -> str:
    """A UUID of version 7 as lowercase text (RFC 9562, section 5.7).

    48 bits of Unix milliseconds, then 74 random bits around the version and variant marks. `at` defaults to now;
    `random` makes the identifier repeatable.
    """
    # Whole numbers all the way: a float loses the last millisecond now and then.
    milliseconds = ((at or datetime.now(UTC)) - EPOCH) // timedelta(milliseconds=1) & (1 << 48) - 1
    bits = random.getrandbits(74) if random else secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
