"""Every distribution we install may be used as we use it. `python -m tests.checks.licences`."""

import re
import sys
from collections import defaultdict
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==[^;\\]*(;)?")

KNOWN = {
    "MIT": r"\bMIT\b|\bMIT-",
    "Apache": r"\bApache\b|Apache-2",
    "BSD": r"\bBSD\b|0BSD|BSD-",
    "ISC": r"\bISC\b",
    "Python": r"\bPSF\b|PSF-|Python Software Foundation|CNRI",
    "MPL": r"\bMPL\b|MPL-|Mozilla",
    "Zlib, CC0": r"\bZlib\b|CC0",
}
"""Family → how its name is written. MPL binds only changes to the distribution's own files, and we change none."""
REFUSED = re.compile(r"\b[AL]?GPL|GNU|SSPL|BUSL|Commons Clause|Proprietary", re.IGNORECASE)

ACCEPTED = {
    "fpdf2": "LGPL: imported as it is, unchanged, and replaceable by its user",
    "psycopg": "LGPL: imported as it is, unchanged, and replaceable by its user",
    "psycopg-binary": "LGPL: imported as it is, unchanged, and replaceable by its user",
    "axe-playwright-python": "MIT, as its licence file says and its metadata does not; the axe-core inside is MPL, unchanged",
    "text-unidecode": "offered under the Artistic License as well, and that is the one we take",
}
"""Distributions whose licence would be refused, or is not told → why they may stay."""


def names() -> list[str]:
    """The distributions in requirements.lock; those for other platforms only when they are here."""
    found = []
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if match := PINNED.match(line):
            name, elsewhere = match.groups()
            if not elsewhere or _metadata(name):
                found.append(name)
    return found


def _metadata(name: str) -> Message | None:
    try:
        return distribution(name).metadata  # type: ignore[return-value]
    except PackageNotFoundError:
        return None


def told(name: str) -> str:
    """What a distribution says of its licence; the first of its three ways that says anything."""
    metadata = _metadata(name)
    if metadata is None:
        return ""
    classifiers = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    ways = (
        metadata.get("License-Expression"),
        "; ".join(c for c in classifiers if c != "OSI Approved"),
        (metadata.get("License") or "").strip().split("\n")[0],
    )
    return next((way for way in ways if way), "")


def families(licence: str) -> list[str]:
    """The families a licence text names."""
    return [family for family, pattern in KNOWN.items() if re.search(pattern, licence)]


def main() -> int:
    """Print a summary by licence; 1 when something is refused, unknown, or accepted without need."""
    by_family: dict[str, list[str]] = defaultdict(list)
    problems = []
    for name in names():
        licence = told(name)
        found = families(licence)
        if name in ACCEPTED:
            by_family["accepted by name"].append(name)
        elif REFUSED.search(licence) or not found:
            problems.append(f"{name}: {licence or 'says nothing'}")
        else:
            by_family[" + ".join(found)].append(name)
    for family, members in sorted(by_family.items(), key=lambda one: -len(one[1])):
        shown = "" if len(members) > 5 else f"  ({', '.join(members)})"
        sys.stdout.write(f"{len(members):4}  {family}{shown}\n")
    problems += [f"{name}: accepted by name, and no longer installed" for name in ACCEPTED if name not in names()]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
