"""The page that shows an examination to people: ids, counts and what was expected, never a value of a row."""

from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.checks.outcome import Outcome, measured
from warehouse.operations.checks import evidence_place

KEPT = 30
"""Pages per organization."""
MOST_IDS = 50
"""Of one expectation on its page."""


def keep(outcome: Outcome) -> Path:
    """Write the page of an examination whole, readable by the owner alone, and remove the oldest; its place."""
    place = evidence_place(outcome.organization_id, outcome.id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = place.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(page(outcome), encoding="utf-8")
    new.replace(place)
    # An id begins with its moment: names sort by age.
    for old in sorted(place.parent.glob("*.html"))[:-KEPT]:
        old.unlink()
    return place


def page(outcome: Outcome) -> str:
    """The page: one document, nothing fetched, nothing run."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters |= {"arguments": _arguments}
    return templates.get_template("evidence.html").render(outcome=outcome, measured=measured, most_ids=MOST_IDS)


def _arguments(asked: dict[str, Any]) -> str:
    return " · ".join(f"{name} {_argument(value)}" for name, value in asked.items())


def _argument(value: Any) -> str:
    """An argument as people read it: a moving bound by its name."""
    if isinstance(value, dict):
        return str(value.get("$PARAMETER", value)).replace("_", " ")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else str(value)
