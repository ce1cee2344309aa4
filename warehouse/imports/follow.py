"""Follows a mapping: foreign rows in, batches of our records and findings out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from warehouse.imports.mapping import EntityRule, FieldRule, ImportProblem
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.values import text_of, typed
from warehouse.oltp.base import Base
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import Stage
from warehouse.operations.bulk import Batch, Values

Identities = Mapping[tuple[str, str], tuple[str, str]]


@dataclass
class Finding:
    """Something about the source that people should know: how many rows, and some of their ids."""

    name: str
    subject: str
    message: str
    rows: int = 0
    sample: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Again:
    """A deal we knew that came with new content: the product on its first line, and the rungs it reached."""

    product: str | None
    steps: list[tuple[Stage, date | None]]


@dataclass
class Followed:
    """What an import would write."""

    batches: list[Batch] = field(default_factory=list)
    identities: list[Values] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    again: dict[str, Again] = field(default_factory=dict)
    """Deals whose history and lines are still to be compared with what is kept."""

    def note(self, name: str, subject: str, message: str, record_id: str) -> None:
        """Count one row under a finding."""
        finding = self.findings.setdefault(name, Finding(name, subject, message))
        finding.rows += 1
        if len(finding.sample) < 5:
            finding.sample.append(record_id)


class Follower:
    """Resolves one export against what earlier imports of the same source brought."""

    def __init__(self, mapping: ImportMapping, known: Identities, now: datetime) -> None:
        self.mapping, self.known, self.now = mapping, known, now
        self.ids: dict[tuple[str, str], str] = {key: record for key, (record, _) in known.items()}
        self.brought: set[tuple[str, str]] = set()
        self.result = Followed()

    def follow(self, sheets: Mapping[str, Sheet]) -> Followed:
        """Every entity in the mapping's order. Keys are collected first, so a row may refer to a later one."""
        for rule in self.mapping.entities:
            for row in sheets[rule.file].rows:
                if key := row[rule.key]:
                    self.ids.setdefault((rule.into, key), uuid7(self.now))
        for rule in self.mapping.entities:
            self._entity(rule, sheets[rule.file])
        return self.result

    def _entity(self, rule: EntityRule, sheet: Sheet) -> None:
        batch, lines, history = Batch(rule.into), Batch("opportunity_line_items"), Batch("opportunity_stage_changes")
        for number, key, row in self._distinct(rule, sheet):
            if (rule.into, key) in self.brought:
                continue  # an earlier rule told of it: a manager who also sells is one member
            self.brought.add((rule.into, key))
            record_id = self.ids[rule.into, key]
            where = f"{sheet.name} row {number}"
            values = self._values(rule, row, where, record_id)
            product = self._reference(rule.lines, row, record_id, rule.into) if rule.lines else None
            steps = list(self._steps(rule, row, values, where))
            content = hashlib.sha256(json.dumps([values, product, steps], default=str).encode()).hexdigest()
            before = self.known.get((rule.into, key))
            self.result.read[rule.into] += 1
            if before and before[1] == content:
                self.result.unchanged[rule.into] += 1
                continue
            self.result.identities.append(
                {"entity": rule.into, "source_key": key, "record_id": record_id, "content_hash": content}
            )
            (batch.updates if before else batch.inserts).append({"id": record_id, **values})
            if before and rule.into == "opportunities":
                self.result.again[record_id] = Again(product, steps)
            elif not before:
                lines.inserts.extend(self._line(record_id, product))
                history.inserts.extend(self._history(record_id, steps))
        self.result.batches += [batch, lines, history]

    def _distinct(self, rule: EntityRule, sheet: Sheet) -> Iterator[tuple[int, str, Row]]:
        """One row per key. The same key with different content in a file of its own is refused."""
        seen: dict[str, tuple[int, Row]] = {}
        used = {column for r in (*rule.fields.values(), *([rule.lines] if rule.lines else [])) for column in r.columns}
        used |= {step.day for step in rule.stage_history}
        whole = len({e.into for e in self.mapping.entities if e.file == rule.file}) == 1 and all(
            e.key == rule.key for e in self.mapping.entities if e.file == rule.file
        )
        for number, row in enumerate(sheet.rows, start=2):
            key = row[rule.key]
            if key is None:
                raise ImportProblem(
                    f"{sheet.name} row {number}: the key column {rule.key!r} is blank. Nothing was imported."
                )
            if key in seen:
                first, other = seen[key]
                if whole and any(row[c] != other[c] for c in used):
                    raise ImportProblem(
                        f"{sheet.name}: rows {first} and {number} share the key {key!r} but differ. Nothing was imported."
                    )
                continue
            seen[key] = (number, row)
            yield number, key, row

    def _values(self, rule: EntityRule, row: Row, where: str, record_id: str) -> Values:
        table = Base.metadata.tables[rule.into]
        values: Values = {}
        for name, field_rule in rule.fields.items():
            if field_rule.ref:
                values[name] = self._reference(field_rule, row, record_id, rule.into)
            else:
                values[name] = typed(table.c[name], field_rule, text_of(field_rule, row), f"{where}, {name}")
        if "currency" in table.c and "currency" not in values:
            values["currency"] = self.mapping.currency
        self._note_blanks(rule.into, values, record_id)
        self._note_days(rule.into, values, record_id)
        return values

    def _reference(self, rule: FieldRule, row: Row, record_id: str, into: str) -> str | None:
        key = text_of(rule, row)
        self._note_repair(into, rule, row, record_id)
        target = rule.ref or "products"
        if key is None:
            return None
        found = self.ids.get((target, key))
        if found is None:
            self.result.note(
                f"{into}_unknown_{target}", into, f"name a {target[:-1]} that no file describes ({key!r} …)", record_id
            )
        return found

    def _note_blanks(self, into: str, values: Values, record_id: str) -> None:
        for name, value in values.items():
            if value is not None or name in MAY_BE_BLANK:
                continue
            if name == "amount" and not values["stage"].is_open:
                told = f"{into} that are closed name no amount; it stays unknown"
                self.result.note(f"closed_{into}_without_amount", into, told, record_id)
                continue
            what = f"{into} that are still open" if name == "amount" else into
            self.result.note(f"{into}_without_{name}", into, f"{what} name no {name}; it stays unknown", record_id)

    def _note_days(self, into: str, values: Values, record_id: str) -> None:
        """Days that a check of the model will hold the organization back for."""
        if into != "opportunities":
            return
        opened, closed = values.get("opened_on"), values.get("closed_on")
        if opened and closed and closed < opened:
            told = "opportunities close before they open; the numbers stay back until that is corrected"
            self.result.note("opportunities_closed_before_opened", into, told, record_id)
        if values["stage"].is_open is (closed is not None):
            told = (
                "opportunities are closed without a day or open with one; the numbers stay back until that is corrected"
            )
            self.result.note("opportunities_stage_and_closing_day_disagree", into, told, record_id)

    def _note_repair(self, into: str, rule: FieldRule, row: Row, record_id: str) -> None:
        raw = row[rule.column] if rule.column else None
        if raw is not None and raw in rule.values:
            self.result.note(
                f"{into}_repaired_{rule.column}_{raw}".replace(" ", "_"),
                into,
                f"write {raw!r} for {rule.values[raw]!r}; the mapping's word was used",
                record_id,
            )

    def _steps(self, rule: EntityRule, row: Row, values: Values, where: str) -> Iterator[tuple[Stage, date | None]]:
        if rule.into != "opportunities":
            return
        table, last = Base.metadata.tables["opportunities"], None
        for step in rule.stage_history:
            on = typed(table.c.closed_on, FieldRule(column=step.day), row[step.day], f"{where}, {step.day}")
            stage = Stage(step.stage) if step.stage else values["stage"]
            if on is not None and (step.stage or not stage.is_open):
                last = stage
                yield stage, on
        # A history ends where the deal stands, also when the source does not say since which day.
        if last is not values["stage"]:
            yield values["stage"], None

    def _line(self, record_id: str, product: str | None) -> list[Values]:
        return [first_line(record_id, product)] if product else []

    def _history(self, record_id: str, steps: list[tuple[Stage, date | None]]) -> Iterator[Values]:
        before: Stage | None = None
        known_at = datetime.min.replace(tzinfo=UTC)
        for number, (stage, on) in enumerate(steps):
            # Never earlier than the step before it, and ids in the steps' order: two steps may share a day.
            known_at = max(known_at, datetime.combine(on, time(), UTC) if on else self.now)
            yield {
                "id": uuid7(self.now + timedelta(milliseconds=number)),
                "opportunity_id": record_id,
                "from_stage": before,
                "to_stage": stage,
                "changed_on": on,
                "recorded_at": known_at,
                "recorded_at_assumed": True,
            }
            before = stage


def first_line(record_id: str, product: str) -> Values:
    """The line a deal is known by."""
    line = {"id": uuid7(), "opportunity_id": record_id, "product_id": product}
    return line | {"position": 1, "quantity": 1, "unit_price": None}


MAY_BE_BLANK = {"closed_on", "parent_customer_id", "manager_id"}
"""Blank for most rows by their nature: no finding."""
