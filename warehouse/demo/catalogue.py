"""What a company sells: goods bought once, plans paid for again and again, and a price book per currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import identifiers, keys_of
from warehouse.demo.columns import UNIT, Chunk, Days, Ids, Moments, Money, Words, chunk, moment, written
from warehouse.demo.presets import Company

GOODS: dict[str, tuple[tuple[str, str, int, float, int], ...]] = {
    "furniture": (
        ("Hearth Bench", "Hearth", 340, 0.55, -100), ("Hearth Table Six", "Hearth", 1250, 0.55, -100),
        ("Hearth Table Twelve", "Hearth", 2180, 0.53, -100), ("Hearth Stool", "Hearth", 130, 0.55, -100),
        ("Harbour Desk", "Harbour", 895, 0.52, -100), ("Harbour Standing Desk", "Harbour", 1490, 0.59, 420),
        ("Harbour Cabinet", "Harbour", 720, 0.54, -100), ("Hilltop Shelf", "Hilltop", 265, 0.45, -100),
        ("Hilltop Bookcase", "Hilltop", 980, 0.5, -100), ("Hilltop Library Wall", "Hilltop", 4650, 0.58, -100),
    ),
    "software": (
        ("Ledger Setup", "Services", 1900, 0.7, -100), ("Ledger Year", "Licences", 1200, 0.15, -100),
        ("Payroll Year", "Licences", 900, 0.15, -100), ("Data Move", "Services", 2600, 0.7, -100),
        ("Training Day", "Services", 1100, 0.6, -100), ("Forecast Year", "Licences", 1500, 0.15, 380),
    ),
    "agency": (
        ("Discovery Week", "Strategy", 9500, 0.6, -100), ("Brand Workshop", "Strategy", 4200, 0.55, -100),
        ("Campaign Sprint", "Delivery", 12500, 0.62, -100), ("Design Day", "Delivery", 950, 0.6, -100),
        ("Audit", "Strategy", 3800, 0.5, -100), ("Film Day", "Delivery", 5400, 0.7, 300),
    ),
    "wholesale": (
        ("Crate of Lamp Oil", "Household", 84, 0.78, -100), ("Pallet of Jars", "Household", 460, 0.8, -100),
        ("Carton of Candles", "Household", 62, 0.75, -100), ("Drum of Soap", "Hygiene", 190, 0.8, -100),
        ("Bale of Towels", "Hygiene", 240, 0.77, -100), ("Case of Teapots", "Table", 310, 0.74, -100),
        ("Box of Spoons", "Table", 45, 0.7, -100), ("Sack of Clothes Pegs", "Household", 28, 0.72, 210),
    ),
    "clinics": (
        ("First Visit", "Consultation", 120, 0.6, -100), ("Follow-up", "Consultation", 70, 0.6, -100),
        ("Check-up", "Prevention", 260, 0.55, -100), ("Course of Physiotherapy", "Therapy", 540, 0.6, -100),
        ("Staff Screening Day", "Prevention", 2400, 0.5, -100), ("Sleep Study", "Diagnostics", 780, 0.6, 330),
    ),
}  # fmt: skip
"""Kind → name, series, list price in units of a dollar, share of it that is cost, days from the start to the launch."""
PLANS: dict[str, tuple[tuple[str, int], ...]] = {
    "furniture": (("Care Plan", 35), ("Care Plan Plus", 90), ("Fleet Care", 240)),
    "software": (("Ledger Team", 18), ("Ledger Business", 32), ("Ledger Enterprise", 55)),
    "agency": (("Retainer S", 900), ("Retainer M", 2400), ("Retainer L", 5200)),
    "wholesale": (("Standing Order S", 160), ("Standing Order M", 420), ("Standing Order L", 1100)),
    "clinics": (("Membership", 25), ("Family Membership", 48), ("Company Membership", 30)),
}
"""Kind → name and price a month for one seat, in units of a dollar; one per segment."""
PLAN_COST = 0.3
WORTH = {"USD": 1.0, "EUR": 0.92, "GBP": 0.79, "SEK": 10.5}
"""What a dollar is worth when prices are made."""


@dataclass(frozen=True)
class Catalogue:
    """Goods first, then plans; prices by currency are whole units, so that a discount of whole percents is exact."""

    names: tuple[str, ...]
    ids: Ids
    goods: int
    """How many of them are bought once."""
    launched_on: Days
    prices: Money
    """(currencies, products), for one piece, or one seat and month."""
    currencies: tuple[str, ...]
    book_ids: Ids
    """One price book per currency."""


def catalogue_of(company: Company, currencies: tuple[str, ...], seed: int) -> Catalogue:
    """The catalogue of a company that sells in these currencies, its own first."""
    goods, plans = GOODS[company.kind.name], PLANS[company.kind.name]
    names = tuple(row[0] for row in goods) + tuple(name for name, _ in plans)
    dollars = np.array([row[2] for row in goods] + [price for _, price in plans], float)
    worth = np.array([WORTH[one] for one in currencies])
    launched = company.started_on + np.array([row[4] for row in goods] + [-100] * len(plans))
    keys = company.key_of("product", np.arange(len(names)))
    books = company.key_of("price book", np.arange(len(currencies)))
    return Catalogue(
        names=names,
        ids=identifiers(seed, "products", keys, _noon(launched)),
        goods=len(goods),
        launched_on=launched,
        prices=(np.maximum(1, np.round(worth[:, None] * dollars)) * UNIT).astype(np.int64),
        currencies=currencies,
        book_ids=identifiers(seed, "price_books", books, _noon(_books_from(company, len(books)))),
    )


def _noon(days: Days) -> Moments:
    return moment(days, 0.45)


def _books_from(company: Company, count: int) -> Days:
    return np.repeat(company.started_on - 100, count)


def catalogue_chunks(company: Company, catalogue: Catalogue, seed: int) -> Iterator[Chunk]:
    """Products, price books and the prices in them, as far as they are launched."""
    plans = PLANS[company.kind.name]
    share = [row[3] for row in GOODS[company.kind.name]] + [PLAN_COST] * len(plans)
    products = {
        "id": catalogue.ids,
        "name": _texts(catalogue.names),
        "sku": _texts([f"{company.slug[:3].upper()}-{place:03d}" for place in range(len(catalogue.names))]),
        "series": _texts([*(row[1] for row in GOODS[company.kind.name]), *(["Plans"] * len(plans))]),
        "list_price": catalogue.prices[0],
        "cost": (catalogue.prices[0] * np.array(share) / 100).round().astype(np.int64) * 100,
        "currency": company.currency,
        "billing_period": Words((np.arange(len(share)) >= catalogue.goods).astype(np.int64), ("once", "monthly")),
        **written(_noon(catalogue.launched_on)),
    }
    there = catalogue.launched_on <= company.until
    yield chunk("products", products, there)
    start = _books_from(company, len(catalogue.currencies))
    books = {
        "id": catalogue.book_ids,
        "name": _texts([f"List prices {currency}" for currency in catalogue.currencies]),
        "currency": _texts(catalogue.currencies),
        "valid_from": start,
        "is_standard": np.arange(len(start)) == 0,
        **written(_noon(start)),
    }
    yield chunk("price_books", books)
    yield _entries(company, catalogue, there, seed)


def _entries(company: Company, catalogue: Catalogue, there: NDArray[np.bool_], seed: int) -> Chunk:
    book, product = (one.ravel() for one in np.indices(catalogue.prices.shape))
    keys = keys_of(company.key, "price book entry", book, product)
    at = _noon(np.maximum(_books_from(company, len(keys)), catalogue.launched_on[product]))
    entries = {
        "id": identifiers(seed, "price_book_entries", keys, at),
        "price_book_id": catalogue.book_ids[book],
        "product_id": catalogue.ids[product],
        "unit_price": catalogue.prices.ravel(),
        "valid_from": at.astype("datetime64[D]"),
        **written(at),
    }
    return chunk("price_book_entries", entries, there[product])


def _texts(values: Any) -> NDArray[np.object_]:
    return np.array(list(values), object)
