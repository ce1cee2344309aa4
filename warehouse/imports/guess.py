"""Guesses which column of a foreign export is which field of ours, from the columns' names and contents."""

from collections.abc import Callable

from sqlalchemy import Date

from warehouse.imports.guessed import FAIR, HIGH, LOW, EntityGuess, Guess, distinct, plain
from warehouse.imports.mentions import mentions
from warehouse.imports.sheets import Sheet
from warehouse.imports.styles import DAY_FIRST, Undecided, day, day_style, decimal_style, number
from warehouse.imports.synonyms import FIELDS, FILES, FLAGS, MENTIONS, REFERENCES, SALES, STRANGERS, WORDS
from warehouse.imports.values import is_number
from warehouse.oltp.base import Base
from warehouse.oltp.veil import bare

ENOUGH = 0.8
"""The part of a column's values that must be what its field wants."""


def guess_entities(sheets: list[Sheet]) -> tuple[list[EntityGuess], list[Sheet]]:
    """The entities we see, in the order a mapping needs, and the files we make nothing of."""
    found, unknown = [], []
    for sheet in sheets:
        into = _entity_of(sheet)
        if into is None:
            unknown.append(sheet)
            continue
        found.append(_entity(into, sheet))
    found += [one for entity in found for one in mentions(entity, found, lambda into, sheet: _fields(into, sheet)[0])]
    found.sort(key=lambda entity: list(FILES).index(entity.into))
    for entity in found:
        entity.key = entity.key or _key(entity, found)
    for entity in found:
        _check_references(entity, found)
    return [entity for entity in found if entity.key], [*unknown, *(e.sheet for e in found if not e.key)]


def _entity(into: str, sheet: Sheet) -> EntityGuess:
    fields, doubts = _fields(into, sheet)
    entity = EntityGuess(into, sheet, "", fields, doubts)
    sold = fields.get("closed_on")
    if into == "opportunities" and "stage" not in fields and sold and plain(sold.column) in SALES.split():
        entity.constants["stage"] = "closed_won"
        doubts.append(f"each row is taken for a deal that was won on the day in {sold.column!r}")
    return entity


def _entity_of(sheet: Sheet) -> str | None:
    """By the file's name, else by how many of its columns are fields of an entity."""
    name = plain(sheet.name.rsplit(".", 1)[0])
    columns = {plain(column) for column in sheet.columns}
    scores: dict[str, int] = {}
    for into, fields in FIELDS.items():
        known = sum(bool(columns & set(synonyms.split())) for synonyms in fields.values())
        named = 2 * (name in FILES[into].split()) + any(part in FILES[into].split() for part in name.split("_"))
        scores[into] = known + 2 * named if known > 1 or (known and named) else 0
    best = max(scores, key=lambda into: scores[into])
    return best if scores[best] >= 3 else None


def _fields(into: str, sheet: Sheet) -> tuple[dict[str, Guess], list[str]]:
    named = {plain(column): column for column in reversed(sheet.columns)}
    fields: dict[str, Guess] = {}
    doubts: list[str] = []
    for name, synonyms in FIELDS[into].items():
        for synonym in synonyms.split():
            column = named.get(synonym)
            taken = {guess.column for other, guess in fields.items() if {name, other} != {"name", "company"}}
            if column is None or column in taken:
                continue
            guess = _fits(into, name, sheet, column)
            if guess:
                fields[name] = guess
                break
            doubts.append(f"{column!r} is named like {name}, but its contents are not")
    revenue = fields.get("annual_revenue")
    if revenue and max(map(len, distinct(sheet, revenue.column)), default=9) < 8:
        doubts.append(f"{revenue.column!r} holds small numbers; add `multiply: 1000000` where it is kept in millions")
    return fields, doubts


def _fits(into: str, name: str, sheet: Sheet, column: str) -> Guess | None:
    """The guess, where the column's contents are what the field wants."""
    texts = distinct(sheet, column)
    if not texts:
        return Guess(column, LOW, "by its name; the column is empty")
    if name in REFERENCES:
        return Guess(column, FAIR, "by its name")
    kept = Base.metadata.tables[into].c[name]
    if isinstance(bare(kept), Date):
        return _days(column, texts)
    if is_number(kept):
        return _numbers(column, texts)
    if name in WORDS:
        return _words(_ours(name, column), column, texts)
    if name == "email":
        right = sum("@" in text for text in texts) >= ENOUGH * len(texts)
        return Guess(column, HIGH, "by its name and contents") if right else None
    return Guess(column, FAIR, "by its name")


def _days(column: str, texts: list[str]) -> Guess | None:
    try:
        style, told, why = day_style(texts), None, "by its name; its contents are days"
    except Undecided as undecided:
        style = told = DAY_FIRST
        why = f"it {undecided}; MM/DD/YYYY is as likely"
    if _readable(texts, lambda text: day(text, style)) < ENOUGH:
        return None
    return Guess(column, LOW if told else HIGH, why, date_format=told)


def _numbers(column: str, texts: list[str]) -> Guess | None:
    try:
        style, told, why = decimal_style(texts), None, "by its name; its contents are numbers"
    except Undecided as undecided:
        style = told = "."
        why = f"it {undecided}; a decimal comma is as likely"
    if _readable(texts, lambda text: number(text, style)) < ENOUGH:
        return None
    return Guess(column, LOW if told else HIGH, why, decimal=told)


def _readable(texts: list[str], read: Callable[[str], object]) -> float:
    fine = 0
    for text in texts:
        try:
            read(text)
            fine += 1
        except (ValueError, ArithmeticError):
            pass
    return fine / len(texts)


def _ours(name: str, column: str) -> dict[str, str]:
    """Our word → theirs: those of the field, or what yes and no mean in a column of this name."""
    return next((words for names, words in FLAGS.items() if plain(column) in names.split()), WORDS[name])


def _words(words: dict[str, str], column: str, texts: list[str]) -> Guess | None:
    ours = {theirs: word for word, all_theirs in words.items() for theirs in all_theirs.split()}
    values = {text: ours[plain(text)] for text in texts if plain(text) in ours}
    unknown = [text for text in texts if text not in values]
    if len(texts) > 40 or not values:
        return None
    changed = {text: word for text, word in values.items() if text != word}
    confidence = FAIR if unknown else HIGH
    return Guess(column, confidence, "by its name and words", changed, unknown)


def _possible_keys(entity: EntityGuess) -> list[str]:
    """Columns that tell rows apart. One that is named as the entity's own key and repeats: it is only mentioned."""
    sheet = entity.sheet
    unique = [c for c in sheet.columns if sheet.rows and len(distinct(sheet, c)) == len(sheet.rows)]
    if entity.into in MENTIONS and not entity.mentioned:
        own = MENTIONS[entity.into][0].split()
        repeated = [c for c in sheet.columns if plain(c) in own and c not in unique and distinct(sheet, c)]
        entity.mentioned = bool(repeated)
        if repeated:
            return repeated[:1]
        unique = [column for column in unique if not set(plain(column).split("_")) & set(STRANGERS.split())]
    if not unique and "name" in entity.fields and distinct(sheet, entity.fields["name"].column):
        return [entity.fields["name"].column]
    return unique


def _key(entity: EntityGuess, found: list[EntityGuess]) -> str:
    """The column that tells rows apart and that other files refer to most; "" where no column does."""
    sheet, possible = entity.sheet, _possible_keys(entity)
    pointing = [
        set(distinct(other.sheet, guess.column))
        for other in found
        for name, guess in other.fields.items()
        if REFERENCES.get(name) == entity.into and distinct(other.sheet, guess.column)
    ]

    def worth(column: str) -> tuple[float, bool, bool]:
        values = set(distinct(sheet, column))
        met = sum(len(values & names) / len(names) for names in pointing)
        is_name = "name" in entity.fields and column == entity.fields["name"].column
        return (round(met, 1), plain(column).endswith("id"), is_name)

    return max(possible, key=worth) if possible else ""


def _check_references(entity: EntityGuess, found: list[EntityGuess]) -> None:
    """Keep a reference whose values are keys of the other file, with the spelling of those nearly so."""
    for name in [name for name in entity.fields if name in REFERENCES]:
        guess = entity.fields[name]
        target = next((one for one in found if one.into == REFERENCES[name]), None)
        keys = distinct(target.sheet, target.key) if target and target.key else []
        alike = {plain(key).replace("_", ""): key for key in keys}
        texts = distinct(entity.sheet, guess.column)
        exact = [text for text in texts if text in set(keys)]
        near = {t: alike[p] for t in texts if t not in set(keys) and (p := plain(t).replace("_", "")) in alike}
        share = (len(exact) + len(near)) / len(texts) if texts else 0.0
        if share < 0.5 and not (target is entity and name == "manager_id"):
            del entity.fields[name]
            entity.doubts.append(f"{guess.column!r} is named like {name}, but {share:.0%} of its values are keys here")
            continue
        if share < 0.5:
            guess.why = "the rule above makes them members"
            continue
        guess.values = near
        guess.confidence = HIGH if share >= ENOUGH else LOW
        guess.why = f"{share:.0%} of its values are keys of {REFERENCES[name]}"
