"""Judges foreign rows one by one: what keeps the rules is read, what breaks one is rejected with its reason."""

from collections.abc import Iterator, Mapping
from datetime import date

from warehouse.imports.columns import Styles
from warehouse.imports.findings import RowRefused, cells_of
from warehouse.imports.followed import Followed, Steps, Taken, stage_of
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.rules import EntityRule, FieldRule
from warehouse.imports.rungs import rungs_of
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.styles import currency_in
from warehouse.imports.values import found_in, text_of, typed
from warehouse.oltp.base import Base
from warehouse.oltp.organization import Severity
from warehouse.oltp.sales import Stage
from warehouse.oltp.types import Money
from warehouse.oltp.veil import bare
from warehouse.operations.bulk import Values


class Judge:
    """Knows the mapping and how each column is written; remembers who was brought and who was refused."""

    def __init__(self, mapping: ImportMapping, styles: Styles, result: Followed) -> None:
        self.mapping, self.styles, self.result = mapping, styles, result
        self.brought: set[tuple[str, str]] = set()
        self.refused: set[tuple[str, str]] = set()

    def unfit(self, sheet: Sheet) -> None:
        """Reject the rows that are no rows of their table."""
        for unfit in sheet.unfit:
            self.reject(sheet, unfit.number, unfit.cells, RowRefused(unfit.kind, unfit.reason, unfit.told))

    def taken(self, rule: EntityRule, sheets: Mapping[str, Sheet]) -> Iterator[Taken]:
        """One row per key. A row that breaks a rule is rejected, also one that differs from an earlier of its key."""
        first: dict[str, tuple[int, Row]] = {}
        sheet, compared, rungs = sheets[rule.file], self._compared(rule), self._rungs(rule, sheets)
        for number, row in sheet.numbered():
            key = row[rule.key]
            if self._left_out(rule, number, row) or (rule.mentioned and key is None):
                continue
            try:
                fits = _key_fits(key, rule)
                if key in first:
                    _same(first[key], row, compared, key)
                    continue
                if (rule.into, key) in self.brought:
                    continue  # an earlier rule told of it: a manager who also sells is one member
                values = self._values(rule, row, number)
                taken = Taken(fits, number, row, values, list(self._steps(rule, row, values, rungs.get(fits))))
            except RowRefused as refused:
                self.refused.add((rule.into, key or ""))
                self.reject(sheet, number, cells_of(sheet, row), refused)
                continue
            first[fits] = (number, row)
            self.brought.add((rule.into, fits))
            yield taken

    def reject(self, sheet: Sheet, number: int, cells: list[str], refused: RowRefused) -> None:
        """Keep a row that breaks a rule, and count it."""
        self.result.rejects.add(sheet, number, cells, refused)
        name = f"{sheet.name.removesuffix('.csv')}_rejected_{refused.kind}"
        told = f"left out from {sheet.name}: {refused.told}"
        self.result.note(name, sheet.name, told, f"row {number}", Severity.WARN)

    def _left_out(self, rule: EntityRule, number: int, row: Row) -> bool:
        """Whether the mapping leaves the row out on purpose; it is counted, and known to those who name it."""
        if rule.skip is None or not rule.skip.applies(row):
            return False
        self.refused.add((rule.into, row[rule.key] or ""))
        name, told = (
            f"{rule.into}_left_out",
            f"of {rule.file} say {rule.skip.column}: {row[rule.skip.column]} and are left out",
        )
        self.result.note(name, rule.file, told, f"row {number}")
        return True

    def _compared(self, rule: EntityRule) -> set[str]:
        """The columns in which rows of one key must agree: those read, in a file that is about nothing else."""
        others = (e for e in self.mapping.entities if e.file == rule.file and not e.mentioned)
        if rule.mentioned or any((e.into, e.key) != (rule.into, rule.key) for e in others):
            return set()
        read = (*rule.fields.values(), *([rule.lines] if rule.lines else []), *(s.day for s in rule.stage_history))
        return {column for one in read for column in one.columns}

    def _values(self, rule: EntityRule, row: Row, number: int) -> Values:
        """The row's own values by field; None for the names of other records. Raises RowRefused."""
        table = Base.metadata.tables[rule.into]
        currency = self._currency(rule, row)
        values: Values = {}
        for name, field_rule in rule.fields.items():
            if field_rule.ref:
                values[name] = None
                continue
            column, (leaf, text) = table.c[name], found_in(field_rule, row)
            if text is None and not column.nullable and column.default is not None:
                continue  # what the source leaves open takes the field's default
            if isinstance(bare(column), Money):
                _in_currency(name, text, currency)
            values[name] = typed(column, leaf, text, self._style(rule.file, leaf))
        if "currency" in table.c and "currency" not in values:
            values["currency"] = self.mapping.currency
        self._weigh(rule, values, number)
        return values

    def _currency(self, rule: EntityRule, row: Row) -> str:
        said = rule.fields.get("currency")
        return ((text_of(said, row) if said else None) or self.mapping.currency or "").upper()

    def _weigh(self, rule: EntityRule, values: Values, number: int) -> None:
        """Blank what the mapping wants only `when` a deal stands somewhere, and days `not_after` another."""
        for name, field_rule in rule.fields.items():
            if field_rule.when and stage_of(values).is_open is not (field_rule.when == "open"):
                values[name] = None
        for name, field_rule in rule.fields.items():
            if field_rule.not_after and _later(values.get(name), values.get(field_rule.not_after)):
                values[name] = None
                told = f"of {rule.file} have a day of {name} after {field_rule.not_after}; it stays unknown"
                self.result.note(f"{rule.into}_{name}_too_late", rule.into, told, f"row {number}")

    def _style(self, file: str, leaf: FieldRule) -> str | None:
        return self.styles.get((file, leaf.column or ""))

    def _rungs(self, rule: EntityRule, sheets: Mapping[str, Sheet]) -> dict[str, Steps]:
        told = rule.stage_file
        if told is None:
            return {}
        style = next((self._style(told.file, leaf) for leaf in told.day.leaves), None)
        return rungs_of(told, sheets[told.file], style, self.reject)

    def _steps(
        self, rule: EntityRule, row: Row, values: Values, rungs: Steps | None
    ) -> Iterator[tuple[Stage, date | None]]:
        if rule.into != "opportunities":
            return
        last = None
        for stage, on in rungs or self._days(rule, row, values):
            last = stage
            yield stage, on
        # A history ends where the deal stands, also when the source does not say since which day.
        if last is not stage_of(values):
            yield stage_of(values), values.get("closed_on") if rungs else None

    def _days(self, rule: EntityRule, row: Row, values: Values) -> Iterator[tuple[Stage, date | None]]:
        """The rungs whose day is in a column of the deal's own row."""
        last, closing = None, Base.metadata.tables["opportunities"].c.closed_on
        for step in rule.stage_history:
            leaf, text = found_in(step.rule, row)
            on = typed(closing, leaf, text, self._style(rule.file, leaf), leaf.column)
            stage = Stage(step.stage) if step.stage else stage_of(values)
            late = step.day.not_after and _later(on, values.get(step.day.not_after))
            if on is not None and not late and stage is not last and (step.stage or not stage.is_open):
                last = stage
                yield stage, on


def _later(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one > other


def _key_fits(key: str | None, rule: EntityRule) -> str:
    if key is None:
        raise RowRefused("blank_key", f"the key column {rule.key!r} is blank")
    if len(key) > LONGEST_KEY:
        raise RowRefused("long_key", f"the key column {rule.key!r} has more than {LONGEST_KEY} characters")
    return key


def _same(first: tuple[int, Row], row: Row, compared: set[str], key: str | None) -> None:
    number, other = first
    if any(row[column] != other[column] for column in compared):
        told = "another row with the same key differs"
        raise RowRefused("duplicate_key", f"this row and row {number} share the key {key!r} but differ", told)


def _in_currency(name: str, text: str | None, wanted: str) -> None:
    """An amount that says another currency than the mapping is not silently taken for it."""
    found = currency_in(text) if text else None
    if found and wanted not in SIGNS.get(found, {found}):
        told = f"{name} is in {found}, the mapping says {wanted}"
        raise RowRefused(f"{name}_currency", f"{name}: {text!r} is in {found}, the mapping says {wanted}", told)


LONGEST_KEY = 300
SIGNS = {
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "CLP", "COP", "ARS"},
    "€": {"EUR"},
    "£": {"GBP"},
    "¥": {"JPY", "CNY"},
    "₹": {"INR"},
    "₽": {"RUB"},
    "₩": {"KRW"},
    "₺": {"TRY"},
    "₪": {"ILS"},
}
