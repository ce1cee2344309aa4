"""Follows a mapping: foreign rows in, batches of our records and findings out."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from warehouse.imports.alone import Alone
from warehouse.imports.columns import styles_of
from warehouse.imports.field_rule import FieldRule
from warehouse.imports.findings import Rejects, RowRefused, cells_of
from warehouse.imports.followed import Again, Followed, Steps, Taken
from warehouse.imports.judge import Judge
from warehouse.imports.kept import Ladder, happening, histories, ladder_of, table_of, targets
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.names import KNOWN_AS, Names
from warehouse.imports.rules import EntityRule
from warehouse.imports.sheets import Row, Sheet
from warehouse.imports.steps import is_open, moment_of, state_of
from warehouse.imports.values import found_in, typed
from warehouse.oltp.identifiers import uuid7
from warehouse.operations.bulk import Batch, Values

Identities = Mapping[tuple[str, str], tuple[str, str]]


class Follower:
    """Resolves one export against what earlier imports of the same source brought."""

    def __init__(
        self, mapping: ImportMapping, known: Identities, alone: Alone, now: datetime, *, strict: bool = False
    ) -> None:
        self.mapping, self.alone, self.now = mapping, alone, now
        self.known = {key: told for key, told in known.items() if told[1] != KNOWN_AS}
        self.called = {key: record for key, (record, content) in known.items() if content == KNOWN_AS}
        self.ids: dict[tuple[str, str], str] = {key: record for key, (record, _) in self.known.items()}
        self.result = Followed(rejects=Rejects(strict))

    def follow(self, sheets: Mapping[str, Sheet]) -> Followed:
        """Every entity in the mapping's order. All rows are judged first, so one may refer to a later one."""
        styles, notes = styles_of(self.mapping, sheets)
        self.result.notes = [*(note for sheet in sheets.values() for note in sheet.notes), *notes]
        judge = Judge(self.mapping, styles, self.result, self.called)
        for sheet in sheets.values():
            judge.unfit(sheet)
        judged = [(rule, list(judge.taken(rule, sheets))) for rule in self.mapping.entities]
        for rule, rows in judged:
            for taken in rows:
                self.ids.setdefault((rule.into, taken.key), uuid7(self.now))
        self.names = Names(self.ids, self.called, judge.refused, judged)
        for rule, rows in judged:
            self._entity(rule, rows, sheets[rule.file], judge)
        self.alone.count_up(self.result)
        self._remember_names()
        return self.result

    def _remember_names(self) -> None:
        """Keep by which other names records are known, for files that come later and name them so."""
        brought = {(row["entity"], row["record_id"]) for row in self.result.identities}
        for (into, name), record_id in self.names.known_as():
            if (into, record_id) in brought and (into, name) not in self.ids and (into, name) not in self.called:
                self.result.identities.append(
                    {"entity": into, "source_key": name, "record_id": record_id, "content_hash": KNOWN_AS}
                )

    def _entity(self, rule: EntityRule, rows: list[Taken], sheet: Sheet, judge: Judge) -> None:
        batch, lines, history = Batch(rule.into), Batch("opportunity_line_items"), self._history_of(rule.into)
        for taken in rows:
            record_id, before = self.ids[rule.into, taken.key], self.known.get((rule.into, taken.key))
            try:
                values = self._resolved(rule, taken, record_id)
                self.alone.claim(rule.into, record_id, values)
            except RowRefused as refused:
                judge.reject(sheet, taken.number, cells_of(sheet, taken.row), refused)
                continue
            product = self._reference(rule.lines, taken.row, record_id, rule.into) if rule.lines else None
            content = _digest([values, product, taken.steps])
            self.result.read[rule.into] += 1
            if before and (before[1] == content or self._is_past(rule, record_id)):
                self.result.unchanged[rule.into] += 1
                continue
            self.result.identities.append(
                {"entity": rule.into, "source_key": taken.key, "record_id": record_id, "content_hash": content}
            )
            (batch.updates if before else batch.inserts).append({"id": record_id, **self._known_at(rule, values)})
            if before and taken.steps:
                climbed = taken.steps if _tells_state(rule.into, values) else []
                self.result.again[record_id] = Again(rule.into, product, climbed)
            elif not before:
                lines.inserts.extend(self._line(record_id, product))
                history.inserts.extend(self._history(rule.into, record_id, taken.steps))
        self.result.batches += [batch, lines, history]

    def _history_of(self, into: str) -> Batch:
        ladder = ladder_of(into)
        return Batch(ladder.history.name if ladder else into)

    def _is_past(self, rule: EntityRule, record_id: str) -> bool:
        """Whether the row is of a history, which is never edited: what came first stays, and that is said."""
        if rule.into not in histories():
            return False
        told = f"{rule.into.replace('_', ' ')} came before with other content; history is never edited, they stay"
        self.result.note(f"{rule.into}_changed_since", rule.into, told, record_id)
        return True

    def _known_at(self, rule: EntityRule, values: Values) -> Values:
        """A row of a history is known since it happened, which is assumed; other rows are as they are."""
        if rule.into not in histories():
            return values
        on = values.get(happening(table_of(rule.into)).name)
        return values | {"recorded_at": moment_of(on) if on else self.now, "recorded_at_assumed": True}

    def _resolved(self, rule: EntityRule, taken: Taken, record_id: str) -> Values:
        values, table = dict(taken.values), table_of(rule.into)
        for name, field_rule in rule.fields.items():
            if field_rule.ref:
                values[name] = self._reference(field_rule, taken.row, record_id, rule.into)
        for name, field_rule in rule.fields.items():
            if field_rule.named:
                word = next((word for field, word in field_rule.named.items() if values.get(field)), None)
                values[name] = typed(table.c[name], field_rule, word, None) if word else None
        for name in rule.needed:
            if values[name] is None:
                what = name.removesuffix("_id") if name in targets(table) else "body we know"
                raise RowRefused(name, f"it names no {what} that was loaded", of_a_field=True)
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
            if name == "amount" and _is_closed(into, values):
                told = f"{into} that are closed name no amount; it stays unknown"
                self.result.note(f"closed_{into}_without_amount", into, told, record_id)
                continue
            what = f"{into} that are still open" if name == "amount" else into.replace("_", " ")
            self.result.note(f"{into}_without_{name}", into, f"{what} name no {name}; it stays unknown", record_id)

    def _note_days(self, into: str, values: Values, record_id: str) -> None:
        """Days that a check of the model will hold the organization back for."""
        if into != "opportunities":
            return
        opened, closed = values.get("opened_on"), values.get("closed_on")
        if opened and closed and closed < opened:
            told = "opportunities close before they open; the numbers stay back until that is corrected"
            self.result.note("opportunities_closed_before_opened", into, told, record_id)
        if _is_closed(into, values) is (closed is None):
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

    def _history(self, into: str, record_id: str, steps: Steps) -> Iterator[Values]:
        ladder = ladder_of(into)
        before: Any = None
        known_at = datetime.min.replace(tzinfo=UTC)
        for number, (state, on) in enumerate(steps if ladder else []):
            # Never earlier than the step before it, and ids in the steps' order: two steps may share a day.
            known_at = max(known_at, moment_of(on) if on else self.now)
            step_id = uuid7(self.now + timedelta(milliseconds=number))
            assert ladder is not None
            yield step_of(ladder, record_id, before, state, on, known_at, step_id) | {"recorded_at_assumed": True}
            before = state


def step_of(
    ladder: Ladder, record_id: str, before: Any, state: Any, on: date | None, known_at: datetime, step_id: str
) -> Values:
    """A row of a history. Where it must have a moment and nobody knows it, it is when the step became known."""
    return {
        "id": step_id,
        ladder.parent: record_id,
        ladder.column_from: before,
        ladder.column_to: state,
        ladder.moment.name: on if on or ladder.moment.nullable else known_at,
        "recorded_at": known_at,
        "recorded_at_assumed": False,
    }


def _is_closed(into: str, values: Values) -> bool:
    ladder = ladder_of(into)
    return ladder is not None and not is_open(state_of(ladder, values))


def _tells_state(into: str, values: Values) -> bool:
    ladder = ladder_of(into)
    return ladder is not None and ladder.state.name in values


def _digest(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def first_line(record_id: str, product: str) -> Values:
    """The line a deal is known by."""
    line = {"id": uuid7(), "opportunity_id": record_id, "product_id": product}
    return line | {"position": 1, "quantity": 1, "unit_price": None}


def _blank_by_rule(rule: FieldRule | None) -> bool:
    """The mapping itself says that some rows have none."""
    return rule is not None and bool(rule.when or rule.not_after or rule.maybe)


MAY_BE_BLANK = {
    *("closed_on", "parent_customer_id", "manager_id", "lost_reason", "due_on", "done_at", "happened_on"),
    *("resolved_at", "closed_at", "first_replied_at", "customer_satisfaction", "comment", "evidence"),
}
"""Blank for most rows by their nature: no finding."""
