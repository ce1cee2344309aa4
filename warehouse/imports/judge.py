"""Judges foreign rows one by one: what keeps the rules is read, what breaks one is rejected with its reason."""

from collections.abc import Iterator
from datetime import date

from warehouse.imports.columns import Styles
from warehouse.imports.findings import RowRefused, cells_of
from warehouse.imports.followed import Followed, Taken, stage_of
from warehouse.imports.mapping import EntityRule, FieldRule
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.styles import currency_in
from warehouse.imports.values import text_of, typed
from warehouse.oltp.base import Base
from warehouse.oltp.organization import Severity
from warehouse.oltp.sales import Stage
from warehouse.oltp.types import Money
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
            self._reject(sheet, unfit.number, unfit.cells, RowRefused(unfit.kind, unfit.reason, unfit.told))

    def taken(self, rule: EntityRule, sheet: Sheet) -> Iterator[Taken]:
        """One row per key. A row that breaks a rule is rejected, also one that differs from an earlier of its key."""
        first: dict[str, tuple[int, Row]] = {}
        compared = self._compared(rule)
        for number, row in sheet.numbered():
            key = row[rule.key]
            try:
                fits = _key_fits(key, rule)
                if key in first:
                    _same(first[key], row, compared, key)
                    continue
                if (rule.into, key) in self.brought:
                    continue  # an earlier rule told of it: a manager who also sells is one member
                values = self._values(rule, row)
                taken = Taken(fits, row, values, list(self._steps(rule, row, values)))
            except RowRefused as refused:
                self.refused.add((rule.into, key or ""))
                self._reject(sheet, number, cells_of(sheet, row), refused)
                continue
            first[fits] = (number, row)
            self.brought.add((rule.into, fits))
            yield taken

    def _reject(self, sheet: Sheet, number: int, cells: list[str], refused: RowRefused) -> None:
        self.result.rejects.add(sheet, number, cells, refused)
        name = f"{sheet.name.removesuffix('.csv')}_rejected_{refused.kind}"
        told = f"left out from {sheet.name}: {refused.told}"
        self.result.note(name, sheet.name, told, f"row {number}", Severity.WARN)

    def _compared(self, rule: EntityRule) -> set[str]:
        """The columns in which rows of one key must agree: those read, in a file that holds nothing else."""
        alone = all((e.into, e.key) == (rule.into, rule.key) for e in self.mapping.entities if e.file == rule.file)
        used = {column for r in (*rule.fields.values(), *([rule.lines] if rule.lines else [])) for column in r.columns}
        return used | {step.day for step in rule.stage_history} if alone else set()

    def _values(self, rule: EntityRule, row: Row) -> Values:
        """The row's own values by field; None for the names of other records. Raises RowRefused."""
        table = Base.metadata.tables[rule.into]
        values: Values = {}
        for name, field_rule in rule.fields.items():
            if field_rule.ref:
                values[name] = None
                continue
            column, text = table.c[name], text_of(field_rule, row)
            if text is None and not column.nullable and column.default is not None:
                continue  # what the source leaves open takes the field's default
            if isinstance(column.type, Money) and "currency" not in rule.fields:
                _in_currency(name, text, self.mapping.currency)
            values[name] = typed(column, field_rule, text, self._style(rule, field_rule))
        if "currency" in table.c and "currency" not in values:
            values["currency"] = self.mapping.currency
        return values

    def _style(self, rule: EntityRule, field_rule: FieldRule) -> str | None:
        return self.styles.get((rule.file, field_rule.column or ""))

    def _steps(self, rule: EntityRule, row: Row, values: Values) -> Iterator[tuple[Stage, date | None]]:
        if rule.into != "opportunities":
            return
        table, last = Base.metadata.tables["opportunities"], None
        for step in rule.stage_history:
            day = FieldRule(column=step.day)
            on = typed(table.c.closed_on, day, row[step.day], self._style(rule, day), step.day)
            stage = Stage(step.stage) if step.stage else stage_of(values)
            if on is not None and (step.stage or not stage.is_open):
                last = stage
                yield stage, on
        # A history ends where the deal stands, also when the source does not say since which day.
        if last is not stage_of(values):
            yield stage_of(values), None


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
