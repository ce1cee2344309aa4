"""Follows a mapping: foreign rows in, batches of our records and findings out."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from warehouse.imports.columns import styles_of
from warehouse.imports.findings import Rejects, RowRefused, cells_of
from warehouse.imports.followed import Again, Followed, Steps, Taken, stage_of
from warehouse.imports.judge import Judge
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.names import Names
from warehouse.imports.rules import EntityRule, FieldRule
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.values import found_in
from warehouse.oltp.identifiers import uuid7
from warehouse.oltp.sales import Stage
from warehouse.operations.bulk import Batch, Values

Identities = Mapping[tuple[str, str], tuple[str, str]]


class Follower:
    """Resolves one export against what earlier imports of the same source brought."""

    def __init__(self, mapping: ImportMapping, known: Identities, now: datetime, *, strict: bool = False) -> None:
        self.mapping, self.known, self.now = mapping, known, now
        self.ids: dict[tuple[str, str], str] = {key: record for key, (record, _) in known.items()}
        self.result = Followed(rejects=Rejects(strict))

    def follow(self, sheets: Mapping[str, Sheet]) -> Followed:
        """Every entity in the mapping's order. All rows are judged first, so one may refer to a later one."""
        styles, notes = styles_of(self.mapping, sheets)
        self.result.notes = [*(note for sheet in sheets.values() for note in sheet.notes), *notes]
        judge = Judge(self.mapping, styles, self.result)
        for sheet in sheets.values():
            judge.unfit(sheet)
        judged = [(rule, list(judge.taken(rule, sheets))) for rule in self.mapping.entities]
        for rule, rows in judged:
            for taken in rows:
                self.ids.setdefault((rule.into, taken.key), uuid7(self.now))
        self.names = Names(self.ids, judge.refused, judged)
        for rule, rows in judged:
            self._entity(rule, rows, sheets[rule.file], judge)
        return self.result

    def _entity(self, rule: EntityRule, rows: list[Taken], sheet: Sheet, judge: Judge) -> None:
        batch, lines, history = Batch(rule.into), Batch("opportunity_line_items"), Batch("opportunity_stage_changes")
        for taken in rows:
            record_id, before = self.ids[rule.into, taken.key], self.known.get((rule.into, taken.key))
            try:
                values = self._resolved(rule, taken, record_id)
            except RowRefused as refused:
                judge.reject(sheet, taken.number, cells_of(sheet, taken.row), refused)
                continue
            product = self._reference(rule.lines, taken.row, record_id, rule.into) if rule.lines else None
            content = _digest([values, product, taken.steps])
            self.result.read[rule.into] += 1
            if before and before[1] == content:
                self.result.unchanged[rule.into] += 1
                continue
            self.result.identities.append(
                {"entity": rule.into, "source_key": taken.key, "record_id": record_id, "content_hash": content}
            )
            (batch.updates if before else batch.inserts).append({"id": record_id, **values})
            if before and taken.steps:
                self.result.again[record_id] = Again(product, taken.steps if "stage" in values else [])
            elif not before:
                lines.inserts.extend(self._line(record_id, product))
                history.inserts.extend(self._history(record_id, taken.steps))
        self.result.batches += [batch, lines, history]

    def _resolved(self, rule: EntityRule, taken: Taken, record_id: str) -> Values:
        values = dict(taken.values)
        for name, field_rule in rule.fields.items():
            if field_rule.ref:
                values[name] = self._reference(field_rule, taken.row, record_id, rule.into)
        for name in rule.needed:
            if values[name] is None:
                raise RowRefused(name, f"it names no {name.removesuffix('_id')} that was loaded", of_a_field=True)
        self._note_blanks(rule, values, record_id)
        self._note_days(rule.into, values, record_id)
        return values

    def _reference(self, rule: FieldRule, row: Row, record_id: str, into: str) -> str | None:
        leaf, text = found_in(rule, row)
        target = rule.ref or "products"
        self._note_repair(into, leaf, row, record_id)
        if text is None:
            return None
        keys = [key for part in text.split(rule.split) if (key := part.strip())] if rule.split else [text]
        if len(keys) > 1:
            told = f"name several {target}; the first that is known was taken"
            self.result.note(f"{into}_with_several_{target}", into, told, record_id)
        found = next((known for key in keys if (known := self.names.find(target, key))), None)
        if found is None and keys and not rule.maybe:
            name, why = self.names.missing(target, keys[0])
            self.result.note(f"{into}_{name}_{target}", into, f"name a {target[:-1]} {why}", record_id)
        return found

    def _note_blanks(self, rule: EntityRule, values: Values, record_id: str) -> None:
        into = rule.into
        for name, value in values.items():
            if value is not None or name in MAY_BE_BLANK or _blank_by_rule(rule.fields.get(name)):
                continue
            if name == "amount" and not stage_of(values).is_open:
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
        if stage_of(values).is_open is (closed is not None):
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

    def _line(self, record_id: str, product: str | None) -> list[Values]:
        return [first_line(record_id, product)] if product else []

    def _history(self, record_id: str, steps: Steps) -> Iterator[Values]:
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


def _digest(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def first_line(record_id: str, product: str) -> Values:
    """The line a deal is known by."""
    line = {"id": uuid7(), "opportunity_id": record_id, "product_id": product}
    return line | {"position": 1, "quantity": 1, "unit_price": None}


def _blank_by_rule(rule: FieldRule | None) -> bool:
    """The mapping itself says that some rows have none."""
    return rule is not None and bool(rule.when or rule.not_after or rule.maybe)


MAY_BE_BLANK = {"closed_on", "parent_customer_id", "manager_id", "lost_reason", "due_on", "done_at", "happened_on"}
"""Blank for most rows by their nature: no finding."""
