"""Who is meant by a key or another name in a foreign file."""

from collections.abc import Iterator, Mapping, Sequence

from warehouse.imports.followed import Taken
from warehouse.imports.rules import EntityRule

KNOWN_AS = "known as"
"""What stands where a key's content is known, for a key that is another name of a record."""
LONGEST_KEY = 300


class Names:
    """Finds records by their keys, and by `known_as` where only one record has that name."""

    def __init__(
        self,
        ids: Mapping[tuple[str, str], str],
        called: Mapping[tuple[str, str], str],
        refused: set[tuple[str, str]],
        judged: Sequence[tuple[EntityRule, list[Taken]]],
    ) -> None:
        self._ids, self._refused = ids, refused
        self._also: dict[tuple[str, str], str | None] = dict(called)
        for rule, rows in judged:
            for taken in rows if rule.known_as else []:
                name, record_id = taken.row[rule.known_as or ""], ids[rule.into, taken.key]
                if name is not None:
                    known = self._also.setdefault((rule.into, name), record_id)
                    self._also[rule.into, name] = record_id if known == record_id else None

    def find(self, entity: str, key: str) -> str | None:
        """The record's id; None where no one or several are meant."""
        return self._ids.get((entity, key)) or self._also.get((entity, key))

    def known_as(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Entity and other name of every record that alone has it, and the record's id."""
        yield from ((key, found) for key, found in self._also.items() if found and len(key[1]) <= LONGEST_KEY)

    def missing(self, entity: str, key: str) -> tuple[str, str]:
        """Why a key finds none: a word for the finding's name, and the end of its sentence."""
        if (entity, key) in self._refused:
            return "rejected", "whose row was not loaded"
        if (entity, key) in self._also:
            return "ambiguous", f"by a name that several have ({key!r} …)"
        return "unknown", f"that no file describes ({key!r} …)"
