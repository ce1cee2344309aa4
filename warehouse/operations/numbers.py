"""Numbers that people call records by, counted up in each organization."""

from typing import Any

from sqlalchemy import func, select

from warehouse.operations.declare import Work


def next_number(work: Work, kind: Any, letter: str) -> str:
    """The next free number, as Q-2026-0001; organizations' writers take turns, so no two get the same.

    Deleted records keep theirs, and people may have given some themselves.
    """
    start = f"{letter}-{work.today.year}-"
    ours = (kind.organization_id == work.actor.organization_id, kind.number.like(f"{start}%"))
    count = work.session.scalar(select(func.count(kind.id)).where(*ours)) or 0
    while True:
        count += 1
        number = f"{start}{count:04d}"
        if work.session.scalar(select(kind.id).where(*ours, kind.number == number)) is None:
            return number


def next_count(work: Work, kind: Any) -> int:
    """The next whole number of an organization's records of a kind."""
    last = select(func.max(kind.number)).where(kind.organization_id == work.actor.organization_id)
    return int(work.session.scalar(last) or 0) + 1
