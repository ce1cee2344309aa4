"""Which rungs of the ladder each deal reached, from a file that has one row per rung."""

from collections.abc import Callable

from warehouse.imports.findings import RowRefused, cells_of
from warehouse.imports.followed import Steps
from warehouse.imports.rules import StageFile
from warehouse.imports.sheets import Sheet
from warehouse.imports.values import found_in, typed
from warehouse.oltp.base import Base

Refuse = Callable[[Sheet, int, list[str], RowRefused], None]


def rungs_of(told: StageFile, sheet: Sheet, style: str | None, refuse: Refuse) -> dict[str, Steps]:
    """Key of a deal → its rungs in the order of their moments, a rung told of twice in a row once.

    Rows that break a rule are handed to `refuse`; rows of one moment keep the order of the file.
    """
    table = Base.metadata.tables["opportunities"]
    found: dict[str, list[tuple[str, Steps]]] = {}
    for number, row in sheet.numbered():
        deal, (rule, word), (days, moment) = row[told.deal], found_in(told.stage, row), found_in(told.day, row)
        if deal is None or word is None:
            continue
        try:
            stage = typed(table.c.stage, rule, word, None)
            on = typed(table.c.closed_on, days, moment, style, days.column)
        except RowRefused as refused:
            refuse(sheet, number, cells_of(sheet, row), refused)
            continue
        found.setdefault(deal, []).append((moment or "", [(stage, on)]))
    return {deal: _climbed(rows) for deal, rows in found.items()}


def _climbed(rows: list[tuple[str, Steps]]) -> Steps:
    climbed: Steps = []
    for _, [(stage, on)] in sorted(rows, key=lambda row: row[0]):
        if not climbed or climbed[-1][0] is not stage:
            climbed.append((stage, on))
    return climbed
