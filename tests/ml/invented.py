"""Tables and series whose truth is known."""

import numpy as np
import pandas as pd


def deals(rows: int = 1500, strength: float = 1.5, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Deals that are won with a known probability, which comes beside them; of strength 0 they are all alike."""
    draw = np.random.default_rng(seed)
    size, kind = draw.normal(size=rows), draw.choice(["north", "south"], rows)
    p = 1 / (1 + np.exp(-strength * size - strength * (kind == "north") + strength / 2))
    won = (draw.random(rows) < p).astype(int)
    return pd.DataFrame({"size": size, "kind": kind, "day": np.arange(rows), "won": won}), p


def invoices(customers: int = 60, each: int = 30, seed: int = 3) -> pd.DataFrame:
    """Invoices over two years; a customer is late as often as it is its way, and nothing else tells it."""
    draw = np.random.default_rng(seed)
    way = np.repeat(draw.beta(0.6, 0.9, customers), each)
    day = draw.integers(0, 730, customers * each)
    late = draw.random(len(way)) < way
    issued = pd.Timestamp("2023-01-01") + pd.to_timedelta(day, unit="D")
    paid = issued + pd.to_timedelta(np.where(late, 45, 20) + draw.integers(0, 9, len(way)), unit="D")
    table = pd.DataFrame({"customer": np.repeat([f"c{k}" for k in range(customers)], each)})
    table["issued"], table["paid"] = issued.strftime("%d/%m/%Y"), paid.strftime("%d/%m/%Y")
    return table.assign(amount=draw.lognormal(5, 1, len(way)).round(2), days_late=np.where(late, 15, 0))


def months(series: int = 20, length: int = 96, noise: float = 2.0, seed: int = 0) -> pd.DataFrame:
    """Sales by month: a yearly wave, a slow trend and noise around them."""
    draw, month = np.random.default_rng(seed), np.arange(length)
    day = pd.date_range("2015-01-01", periods=length, freq="MS").astype(str)
    parts = []
    for one in range(series):
        sold = 60 + 0.1 * month + 10 * np.sin(month * np.pi / 6) + draw.normal(scale=noise, size=length)
        parts.append(pd.DataFrame({"month": day, "shop": f"shop {one}", "sold": sold}))
    return pd.concat(parts, ignore_index=True)
