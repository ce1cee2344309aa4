"""Looks at what an import left behind, names instead of ids."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from warehouse.imports.load import ImportReport
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import ChangeEvent, Membership
from warehouse.oltp.sales import Opportunity, OpportunityLineItem, OpportunityStageChange, Stage
from warehouse.oltp.sales_catalogue import Product


def written(folder: Path, files: Mapping[str, str], *changes: tuple[str, str, str]) -> Path:
    """A folder that holds the files and nothing else; `changes` are (file, old, new)."""
    for old in sorted(folder.rglob("*"), reverse=True) if folder.exists() else []:
        old.rmdir() if old.is_dir() else old.unlink()
    for name, text in files.items():
        for _, old_text, new in (change for change in changes if change[0] == name):
            assert old_text in text
            text = text.replace(old_text, new)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def rows_of(kind: type[Any], *where: Any) -> list[Any]:
    """The records that are not deleted, and all rows of a history, by id."""
    living = [kind.deleted_at.is_(None)] if hasattr(kind, "deleted_at") else []
    with reading() as session:
        return list(session.scalars(select(kind).where(*living, *where).order_by(kind.id)))


def count_of(kind: type[Any]) -> int:
    """How many rows there are, deleted ones too."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def everything() -> list[Any]:
    """Every row that a sales export brings, and how many changes there were."""
    kinds = (Customer, Product, Membership, Opportunity, OpportunityLineItem, OpportunityStageChange)
    with reading() as session:
        rows = [[tuple(row) for row in session.execute(select(kind.__table__).order_by(kind.id))] for kind in kinds]
        return [*rows, session.scalar(select(func.max(ChangeEvent.seq)))]


def by_name(kind: type[Any]) -> dict[str, Any]:
    """Name → record."""
    return {row.name: row for row in rows_of(kind)}


def name_of(kind: type[Any], record_id: str | None) -> str | None:
    """What people call a record; None for none."""
    return next((row.name for row in rows_of(kind) if row.id == record_id), None)


def climb(deal: Opportunity) -> list[tuple[Stage, Any]]:
    """The rungs a deal reached and their days, first first."""
    rows = rows_of(OpportunityStageChange, OpportunityStageChange.opportunity_id == deal.id)
    return [(step.to_stage, step.changed_on) for step in sorted(rows, key=lambda step: (step.recorded_at, step.id))]


def deal_of(name: str) -> tuple[Any, ...]:
    """What is known of a deal: customer, rep, stage, amount, currency, opened, expected, closed."""
    deal = by_name(Opportunity)[name]
    who = (name_of(Customer, deal.customer_id), name_of(Membership, deal.sales_rep_id))
    days = (deal.opened_on, deal.expected_close_on, deal.closed_on)
    return (*who, deal.stage, deal.amount, deal.currency, *days)


def reasons(report: ImportReport) -> dict[str, list[str]]:
    """File → the line of each row left out, after the row's number."""
    found = {}
    for file, _, place in report.rejects:
        lines = place.read_text(encoding="utf-8").splitlines()[1:]
        found[file] = [line.replace('"', "")[:90] for line in lines]
    return found


def counted(report: ImportReport, finding: str) -> int:
    """How many rows a finding counts; none where it was not made."""
    return next((found.rows for found in report.findings if found.name == finding), 0)
