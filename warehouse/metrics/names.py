"""Words for ids and ids for words, from the people in an extract; receipts and queries hold ids alone."""

from collections.abc import Iterable
from difflib import get_close_matches

from warehouse.metrics.catalogue import Dimension, Unknown
from warehouse.metrics.literals import text
from warehouse.metrics.serving import Serving

SOME = 400
"""Ids asked for at a time: more would not fit into one statement that the guard lets pass."""


def words_for(serving: Serving, dimension: Dimension, ids: Iterable[object]) -> dict[object, object]:
    """Id → word, for the ids that have one."""
    names, wanted = dimension.names, [str(one) for one in ids if one is not None]
    if names is None or not wanted:
        return {}
    found: dict[object, object] = {}
    for start in range(0, len(wanted), SOME):
        listed = ", ".join(text(one) for one in wanted[start : start + SOME])
        rows = serving.reader.query(
            f"select {names.key}::varchar, {names.word} from {names.table} where {names.key}::varchar in ({listed})",
            tables={names.table},
        ).rows
        found |= {row[0]: row[1] for row in rows}
    return found


def ids_for(serving: Serving, dimension: Dimension, words: Iterable[str | None]) -> tuple[str | None, ...]:
    """The ids behind names; a name several records share stands for all of them. Raises Unknown with the nearest."""
    if not dimension.is_person:
        return tuple(words)
    found: list[str | None] = []
    for word in words:
        ids = _ids(serving, dimension, word) if word is not None else [None]
        if not ids:
            raise Unknown(f"There is no {dimension.label.lower()} {word!r}. {_nearest(serving, dimension, word or '')}")
        found += ids
    return tuple(dict.fromkeys(found))


def values_of(serving: Serving, dimension: Dimension) -> list[str]:
    """Every word of a named dimension, sorted."""
    names = dimension.names
    if names is None:
        return []
    rows = serving.reader.query(
        f"select distinct {names.word} from {names.table} order by 1", tables={names.table}
    ).rows
    return [str(word) for (word,) in rows if word is not None]


def shared_names(serving: Serving, dimension: Dimension) -> dict[str, tuple[str, ...]]:
    """Words of a named dimension that several of its values are called by → their ids."""
    names = dimension.names
    if names is None:
        return {}
    rows = serving.reader.query(
        f"select {names.word}, {names.key}::varchar from {names.table} where {names.word} in "
        f"(select {names.word} from {names.table} group by {names.word} having count(*) > 1) order by 1, 2",
        tables={names.table},
    ).rows
    found: dict[str, list[str]] = {}
    for word, key in rows:
        if word is not None:
            found.setdefault(str(word), []).append(str(key))
    return {word: tuple(keys) for word, keys in found.items()}


def labels_of(serving: Serving, dimension: Dimension) -> list[tuple[str, str]]:
    """Every value of a dimension with what people call it: its word in another table, or the value itself.

    Names of people are not told with their ids: see values_of.
    """
    names = dimension.names
    if names is not None:
        sql, table = f"select {names.key}::varchar, {names.word} from {names.table} order by 1", names.table
    else:
        sql, table = (
            f"select distinct ({dimension.column})::varchar, null from {dimension.model} order by 1",
            dimension.model,
        )
    rows = serving.reader.query(sql, tables={table}, compiled=True).rows
    return [(str(key), str(word if word is not None else key)) for key, word in rows if key is not None]


STAGES = "dim_stages"
"""The table of the rungs of the sales ladder, and what each means."""


def stages_that(serving: Serving) -> dict[str, tuple[str, ...]]:
    """`is_open`, `is_won` and `is_lost`, each with the stages that are."""
    if STAGES not in serving.models:
        return {}
    states = ("is_open", "is_won", "is_lost")
    rows = serving.reader.query(f"select stage, {', '.join(states)} from {STAGES}", tables={STAGES}).records()
    return {state: tuple(str(row["stage"]) for row in rows if row[state]) for state in states}


def _ids(serving: Serving, dimension: Dimension, word: str) -> list[str | None]:
    names = dimension.names
    assert names is not None
    rows = serving.reader.query(
        f"select {names.key}::varchar from {names.table} "
        f"where {names.word} = {text(word)} or {names.key}::varchar = {text(word)} order by 1",
        tables={names.table},
    ).rows
    return [str(key) for (key,) in rows]


def _nearest(serving: Serving, dimension: Dimension, word: str) -> str:
    near = get_close_matches(word, values_of(serving, dimension), n=4, cutoff=0.4)
    return f"Nearest: {', '.join(near)}." if near else ""
