"""Judges foreign rows one by one: what keeps the rules is read, what breaks one is rejected with its reason."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Table

from warehouse.cards import REFUSED, CardNumber, refuse_card
from warehouse.imports.columns import Styles
from warehouse.imports.field_rule import FieldRule
from warehouse.imports.findings import RowRefused, cells_of
from warehouse.imports.followed import Followed, Taken
from warehouse.imports.kept import counted, ladder_of, orders, table_of
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.names import LONGEST_KEY
from warehouse.imports.rules import EntityRule
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.steps import Stairs, is_later, stands_in, state_of
from warehouse.imports.styles import currency_in
from warehouse.imports.values import found_in, text_of, typed
from warehouse.oltp.organization import Severity
from warehouse.oltp.types import Exact
from warehouse.oltp.veil import bare
from warehouse.operations.bulk import Values


class Judge:
    """Knows the mapping and how each column is written; remembers who was brought and who was refused."""

    def __init__(
        self, mapping: ImportMapping, styles: Styles, result: Followed, called: Iterable[tuple[str, str]]
    ) -> None:
        self.mapping, self.styles, self.result = mapping, styles, result
        self.brought: set[tuple[str, str]] = set()
        self.called = set(called)
        """Other names of those who were brought: who is only mentioned by one of them is no one new."""
        self.refused: set[tuple[str, str]] = set()

    def unfit(self, sheet: Sheet) -> None:
        """Reject the rows that are no rows of their table."""
        for unfit in sheet.unfit:
            self.reject(sheet, unfit.number, unfit.cells, RowRefused(unfit.kind, unfit.reason, unfit.told))

    def taken(self, rule: EntityRule, sheets: Mapping[str, Sheet]) -> Iterator[Taken]:
        """One row per key. A row that breaks a rule is rejected, also one that differs from an earlier of its key."""
        first: dict[str, tuple[int, Row]] = {}
        sheet, compared = sheets[rule.file], self._compared(rule)
        stairs = Stairs(rule, sheets, self.styles, self.reject)
        for number, row in sheet.numbered():
            key = text_of(rule.key, row)
            if self._of_another_kind(rule, number, row, key):
                continue
            try:
                fits = _key_fits(key, rule)
                if key in first:
                    _same(first[key], row, compared, key)
                    continue
                if (rule.into, key) in self.brought or (rule.mentioned and (rule.into, key) in self.called):
                    continue  # an earlier rule told of it: a manager who also sells is one member
                values = self._values(rule, row, number)
                taken = Taken(fits, number, row, values, list(stairs.steps(fits, row, values)))
            except RowRefused as refused:
                self.refused.add((rule.into, key or ""))
                self.reject(sheet, number, cells_of(sheet, row), refused)
                continue
            first[fits] = (number, row)
            self.brought.add((rule.into, fits))
            if rule.known_as and (name := row[rule.known_as]):
                self.called.add((rule.into, name))
            yield taken

    def reject(self, sheet: Sheet, number: int, cells: list[str], refused: RowRefused) -> None:
        """Keep a row that breaks a rule, and count it."""
        self.result.rejects.add(sheet, number, cells, refused)
        name = f"{sheet.name.removesuffix('.csv')}_rejected_{refused.kind}"
        told = f"left out from {sheet.name}: {refused.told}"
        self.result.note(name, sheet.name, told, f"row {number}", Severity.WARN)

    def _of_another_kind(self, rule: EntityRule, number: int, row: Row, key: str | None) -> bool:
        """Whether the row is none of the rule's. One left out on purpose is counted, and known to those who name it."""
        if rule.only and not rule.only.applies(row):
            return True
        if rule.skip is None or not rule.skip.applies(row):
            return rule.mentioned and key is None
        self.refused.add((rule.into, key or ""))
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
        days = (step.day for step in rule.stage_history)
        read = (*rule.fields.values(), *rule.metadata.values(), *([rule.lines] if rule.lines else []), *days)
        return {column for one in read for column in one.columns}

    def _values(self, rule: EntityRule, row: Row, number: int) -> Values:
        """The row's own values by field; None for the names of other records. Raises RowRefused."""
        table = table_of(rule.into)
        currency = self._currency(rule, row)
        values: Values = {}
        for name, field_rule in rule.fields.items():
            column, (leaf, text) = table.c[name], found_in(field_rule, row)
            if field_rule.ref or field_rule.named or field_rule.minutes_after:
                values[name] = None
                continue
            if text is None and not column.nullable and (column.default is not None or column is counted(table)):
                continue  # what the source leaves open takes the field's default, or the next number
            if isinstance(bare(column), Exact):
                _in_currency(name, text, currency)
            values[name] = typed(column, leaf, text, self._style(rule.file, leaf))
            self._note_other(rule, name, leaf, row, number)
        if "currency" in table.c and "currency" not in values:
            values["currency"] = self.mapping.currency
        for name, field_rule in rule.fields.items():
            if field_rule.minutes_after:
                values[name] = _so_much_later(name, text_of(field_rule, row), values.get(field_rule.minutes_after))
        if rule.metadata:
            values["metadata"] = _metadata(rule, row)
        self._weigh(rule, values, number)
        _in_order(table, values)
        return values

    def _note_other(self, rule: EntityRule, name: str, leaf: FieldRule, row: Row, number: int) -> None:
        said = row[leaf.column] if leaf.column else None
        if said is not None and leaf.is_other(said):
            told = f"of {rule.file} write {said!r} for {name}, for which there is no word; {leaf.others!r} was taken"
            self.result.note(f"{rule.into}_{name}_taken_for_{leaf.others}", rule.file, told, f"row {number}")

    def _currency(self, rule: EntityRule, row: Row) -> str:
        said = rule.fields.get("currency")
        return ((text_of(said, row) if said else None) or self.mapping.currency or "").upper()

    def _weigh(self, rule: EntityRule, values: Values, number: int) -> None:
        """Blank what the mapping wants only `when` a deal stands somewhere, and days `not_after` another."""
        ladder = ladder_of(rule.into)
        for name, field_rule in rule.fields.items():
            if ladder and field_rule.when and not stands_in(state_of(ladder, values), field_rule.when):
                values[name] = None
        for name, field_rule in rule.fields.items():
            if field_rule.not_after and is_later(values.get(name), values.get(field_rule.not_after)):
                values[name] = None
                told = f"of {rule.file} have a day of {name} after {field_rule.not_after}; it stays unknown"
                self.result.note(f"{rule.into}_{name}_too_late", rule.into, told, f"row {number}")

    def _style(self, file: str, leaf: FieldRule) -> str | None:
        return self.styles.get((file, leaf.column or ""))


def _metadata(rule: EntityRule, row: Row) -> Values:
    """What has no field, as text; a card number is refused there as anywhere."""
    kept = {name: text for name, told in rule.metadata.items() if (text := text_of(told, row))}
    for name, text in kept.items():
        try:
            refuse_card(text)
        except CardNumber:
            told = f"{name} {REFUSED}"
            raise RowRefused(name, told, told, of_a_field=True) from None
    return dict(kept)


def _so_much_later(name: str, text: str | None, since: datetime | None) -> datetime | None:
    """The moment so many minutes after another; unknown where one of the two is."""
    if text is None or since is None:
        return None
    try:
        return since + timedelta(minutes=float(text.replace(",", "")))
    except (ValueError, OverflowError):
        told = f"{name} is not a number of minutes"
        raise RowRefused(name, f"{name}: {text[:80]!r} is not a number of minutes", told, of_a_field=True) from None


def _in_order(table: Table, values: Values) -> None:
    for first, then in orders(table):
        if is_later(values.get(first), values.get(then)):
            raise RowRefused(then, f"{then} comes before {first}", of_a_field=True)


def _key_fits(key: str | None, rule: EntityRule) -> str:
    if key is None:
        raise RowRefused("blank_key", f"the key column {rule.key.told!r} is blank")
    if len(key) > LONGEST_KEY:
        raise RowRefused("long_key", f"the key column {rule.key.told!r} has more than {LONGEST_KEY} characters")
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
