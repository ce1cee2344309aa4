"""The rungs a record reached, read from its own row or from a file with one row per rung."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from warehouse.imports.columns import Styles
from warehouse.imports.findings import RowRefused, cells_of
from warehouse.imports.followed import Steps
from warehouse.imports.kept import Ladder, ladder_of
from warehouse.imports.rules import EntityRule, StageFile
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.values import found_in, typed
from warehouse.operations.bulk import Values

Refuse = Callable[[Sheet, int, list[str], RowRefused], None]


class Stairs:
    """How the records of one rule climb; without a history to keep, nothing climbs."""

    def __init__(self, rule: EntityRule, sheets: Mapping[str, Sheet], styles: Styles, refuse: Refuse) -> None:
        told = bool(rule.stage_history or rule.stage_file or rule.into == "opportunities")
        self.rule, self.styles = rule, styles
        self.ladder = ladder_of(rule.into) if told else None
        self.rungs: dict[str, Steps] = {}
        if self.ladder and rule.stage_file:
            self.rungs = rungs_of(self.ladder, rule.stage_file, sheets[rule.stage_file.file], styles, refuse)

    def steps(self, key: str, row: Row, values: Values) -> Iterator[tuple[Any, date | None]]:
        """The rungs of a record in their order; the last is where it stands. Raises RowRefused."""
        if self.ladder is None:
            return
        stands, rungs, last = state_of(self.ladder, values), self.rungs.get(key), None
        for last, on in rungs or self._of_row(self.ladder, row, values):
            yield last, on
        # A history ends where the record stands, also when the source does not say since which day.
        if last is not stands:
            yield stands, values.get("closed_on") if rungs else None

    def _of_row(self, ladder: Ladder, row: Row, values: Values) -> Iterator[tuple[Any, date | None]]:
        """The rungs whose day is in a column of the record's own row."""
        last, stands = None, state_of(ladder, values)
        for step in self.rule.stage_history:
            leaf, text = found_in(step.rule, row)
            style = self.styles.get((self.rule.file, leaf.column or ""))
            on = typed(ladder.moment, leaf, text, style, leaf.column) if text is not None else None
            state = ladder.states(step.stage) if step.stage else stands
            wanted = stands_in(stands, step.day.when) if step.day.when else bool(step.stage) or not is_open(stands)
            late = step.day.not_after and is_later(on, values.get(step.day.not_after))
            if on is not None and wanted and not late and state is not last:
                last = state
                yield state, on


def rungs_of(ladder: Ladder, told: StageFile, sheet: Sheet, styles: Styles, refuse: Refuse) -> dict[str, Steps]:
    """Key of a record → its rungs in the order of their moments, a rung told of twice in a row once.

    Rows that break a rule are handed to `refuse`; rows of one moment keep the order of the file.
    """
    found: dict[str, list[tuple[str, Steps]]] = {}
    for number, row in sheet.numbered():
        if told.only and not told.only.applies(row):
            continue
        key, (rule, word), (days, moment) = row[told.of], found_in(told.stage, row), found_in(told.day, row)
        if key is None or word is None:
            continue
        try:
            state = typed(ladder.state, rule, word, None)
            on = typed(ladder.moment, days, moment, styles.get((told.file, days.column or "")), days.column)
        except RowRefused as refused:
            refuse(sheet, number, cells_of(sheet, row), refused)
            continue
        found.setdefault(key, []).append((moment or "", [(state, on)]))
    return {key: _climbed(rows) for key, rows in found.items()}


def _climbed(rows: list[tuple[str, Steps]]) -> Steps:
    climbed: Steps = []
    for _, [(state, on)] in sorted(rows, key=lambda row: row[0]):
        if not climbed or climbed[-1][0] is not state:
            climbed.append((state, on))
    return climbed


def state_of(ladder: Ladder, values: Values) -> Any:
    """Where a record stands that may not say so: in the state that its table begins with."""
    default: Any = ladder.state.default
    return ladder.states(values.get(ladder.state.name) or default.arg)


def is_open(state: Any) -> bool:
    """Whether somebody still has to do something; a state that knows no end is open."""
    return bool(getattr(state, "is_open", True))


def stands_in(state: Any, wanted: str | list[str]) -> bool:
    """Whether a state is one of those wanted: `open`, `closed`, or one of a list."""
    return str(state) in wanted if isinstance(wanted, list) else is_open(state) is (wanted == "open")


def is_later(one: date | None, other: date | None) -> bool:
    """Whether a day or moment comes after another; what is unknown does not."""
    return one is not None and other is not None and moment_of(one) > moment_of(other)


def moment_of(on: date) -> datetime:
    """A moment as it is, a day as its beginning."""
    return on if isinstance(on, datetime) else datetime.combine(on, time(), UTC)
