"""Takes apart rows that hold several entities: the customers, products and people that a list of sales names in passing."""

from collections.abc import Callable, Iterator, Sequence

from warehouse.imports.guessed import FAIR, LOW, EntityGuess, Guess, distinct, plain
from warehouse.imports.sheets import Sheet
from warehouse.imports.synonyms import MENTIONS

Fields = Callable[[str, Sheet], dict[str, Guess]]


def mentions(deals: EntityGuess, found: Sequence[EntityGuess], fields_of: Fields) -> Iterator[EntityGuess]:
    """Entities that the rows of deals name and no file describes; the deals' rules are pointed at their keys."""
    if deals.into != "opportunities":
        return
    columns = {plain(column): column for column in reversed(deals.sheet.columns)}
    own = {
        guess.column for field, guess in deals.fields.items() if field not in {told for _, _, told in MENTIONS.values()}
    }
    for into, (keys, known_as, reference) in MENTIONS.items():
        if any(entity.into == into for entity in found):
            continue
        told = [columns[name] for name in f"{keys} {known_as}".split() if name in columns]
        told = [column for column in told if column not in own and distinct(deals.sheet, column)]
        if not told:
            continue
        key, name = told[0], next((column for column in told if plain(column) in known_as.split()), told[0])
        others = {
            f: g for f, g in fields_of(into, deals.sheet).items() if f in KEPT[into] and g.column not in {key, name}
        }
        fields = {"name": Guess(name, FAIR, f"named beside each deal in {key!r}"), **others}
        deals.fields[reference] = Guess(key, LOW, "named in passing")
        deals.named_by[reference] = name
        yield EntityGuess(into, deals.sheet, key, fields, mentioned=True)


KEPT = {
    "customers": {"country", "sector", "email", "phone"},
    "products": {"series"},
    "memberships": {"regional_office"},
}
"""Fields that a list of sales may tell of those it names; a price or a status there is the deal's."""
