"""Saves a record of any kind over the version that was opened, and tells a conflict over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from apps.ui.kinds import Kind
from apps.ui.parts.conflict import Conflict, Subject, save_over
from apps.ui.parts.header import zone
from apps.ui.parts.record_form import edit_fields, request_values
from apps.ui.parts.values import Words, value_of
from warehouse.oltp.engine import reading_as
from warehouse.operations.declare import NotAllowedNow
from warehouse.operations.describing import Field, shown_fields
from warehouse.operations.identity import SignedIn
from warehouse.operations.organization import member_names
from warehouse.operations.reading import get_record, names_of
from warehouse.operations.records import MOVES, RECORDS, STATE
from warehouse.operations.wording import label_of
from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Editor:
    """Who changes records of one kind, and which of their fields."""

    who: SignedIn
    actor: Actor
    kind: Kind
    columns: list[Field]
    own: list[Field]

    @property
    def fields(self) -> list[Field]:
        """Everything that is edited."""
        return [*self.columns, *self.own]

    def values_of(self, record: Any) -> dict[str, Any]:
        """The editable fields of a record as they stand."""
        return {one.name: value_of(record, one) for one in self.fields}

    def all_of(self, record: Any) -> dict[str, Any]:
        """Everything of a record that two people can change."""
        state = {STATE: getattr(record, STATE)} if self.kind.table in MOVES else {}
        return self.values_of(record) | state

    def save(self, record_id: str, version: int, mine: dict[str, Any], before: dict[str, Any]) -> int:
        """Save fields over the version they were typed for; the new version. Raises Conflict."""
        edit = RECORDS[self.kind.table].edit
        assert edit is not None, "only what can be edited has a form"

        def perform(session: Any) -> Any:
            kept = get_record(session, self.actor, self.kind.table, record_id).record if self.own else None
            values = request_values(mine, self.own, kept.custom_fields if kept else {})
            return edit(session, self.actor, asked(edit.input, id=record_id, version=version, **values))

        return save_over(self.actor, perform, mine, before, self.all_of)

    def move(self, request: Any, before: dict[str, Any]) -> int:
        """Take a record to another state at the version the person saw; the new version. Raises Conflict."""
        move = MOVES[self.kind.table]
        mine = {STATE: request.to}
        return save_over(
            self.actor, lambda session: move(session, self.actor, request), mine, before, self.all_of, request
        )

    def subject(self, currency: str | None) -> Subject:
        """The kind, as a conflict tells and saves it."""
        known = {one.name: one for one in [*shown_fields(self.kind.table), *self.fields]}

        def say(name: str, value: Any) -> str:
            words = Words(self.actor, zone(self.who), currency, self._name(known[name], value))
            return words.say(known[name], value)

        def again(conflict: Conflict, mine: dict[str, Any]) -> int:
            if conflict.move:
                return self.move(conflict.move.model_copy(update={"version": conflict.version}), conflict.theirs)
            return self.save(conflict.id, conflict.version, mine, conflict.theirs)

        def label(name: str) -> str:
            return known[name].label if name in known else label_of(name)

        return Subject(self.kind.noun, label, say, self._members, again)

    def _name(self, one: Field, value: Any) -> Mapping[str, str]:
        if one.target is None or value is None:
            return {}
        with reading_as(self.actor) as session:
            return names_of(session, self.actor, one.target, [value])

    def _members(self) -> dict[str, str]:
        with reading_as(self.actor) as session:
            return member_names(session, self.actor)


def editor(who: SignedIn, actor: Actor, kind: Kind) -> Editor:
    """The editor of a kind's records."""
    columns, own = edit_fields(actor, kind.table)
    return Editor(who, actor, kind, columns, own)


def asked(model: Callable[..., Any], **values: Any) -> Any:
    """A request of an operation. Raises NotAllowedNow, in words, where a value is not one it takes."""
    try:
        return model(**values)
    except ValidationError as refused:
        raise NotAllowedNow("; ".join(str(error["msg"]) for error in refused.errors())) from refused
