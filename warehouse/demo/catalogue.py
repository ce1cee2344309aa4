"""What the demo company sells: ten products in three series."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from warehouse.demo.chance import dice
from warehouse.demo.days import moment_on, working_day_by
from warehouse.oltp.identifiers import uuid7

PRODUCTS = (
    ("Hearth Bench", "Hearth", "340.00", "187.00", -100),
    ("Hearth Table Six", "Hearth", "1250.00", "690.00", -100),
    ("Hearth Table Twelve", "Hearth", "2180.00", "1160.00", -100),
    ("Hearth Stool", "Hearth", "129.50", "71.25", -100),
    ("Harbour Desk", "Harbour", "895.00", "465.00", -100),
    ("Harbour Standing Desk", "Harbour", "1490.00", "880.00", 420),
    ("Harbour Cabinet", "Harbour", "720.00", "388.00", -100),
    ("Hilltop Shelf", "Hilltop", "265.00", "119.00", -100),
    ("Hilltop Bookcase", "Hilltop", "980.00", "495.00", -100),
    ("Hilltop Library Wall", "Hilltop", "4650.00", "2690.00", -100),
)
"""Name, series, list price, cost, and how many days after history begins it was launched."""

DISCOUNTS = (0, 0, 0, 3, 5, 5, 8, 10, 15)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Product:
    """Something on the price list."""

    id: str
    name: str
    series: str
    list_price: Decimal
    cost: Decimal
    launched_at: datetime


@dataclass(frozen=True)
class Line:
    """So many of one product at an agreed price."""

    product: Product
    quantity: int
    unit_price: Decimal


def make_products(origin: date, seed: int) -> tuple[Product, ...]:
    """The whole price list, in its order."""
    made = []
    for number, (name, series, price, cost, launched) in enumerate(PRODUCTS):
        throws = dice(seed, "product", number)
        at = moment_on(working_day_by(origin + timedelta(days=launched)), throws)
        made.append(Product(uuid7(at, throws), name, series, Decimal(price), Decimal(cost), at))
    return tuple(made)


def product_rows(products: tuple[Product, ...]) -> list[dict[str, Any]]:
    """One row per product."""
    return [
        {
            "id": product.id,
            "name": product.name,
            "series": product.series,
            "list_price": product.list_price,
            "cost": product.cost,
            "created_at": product.launched_at,
            "updated_at": product.launched_at,
        }
        for product in products
    ]


def fill_basket(products: tuple[Product, ...], day: date, most: int, throws: Random) -> tuple[Line, ...]:
    """One to three products that were on sale that day, at most `most` of each, with one discount for all."""
    on_sale = [product for product in products if product.launched_at.date() <= day]
    chosen = throws.sample(on_sale, throws.choices((1, 2, 3), (5, 3, 2))[0])
    share = Decimal(100 - throws.choice(DISCOUNTS)) / 100
    return tuple(
        Line(product, throws.randint(1, most), (product.list_price * share).quantize(CENT)) for product in chosen
    )
