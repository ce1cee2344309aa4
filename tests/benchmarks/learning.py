"""`make bench-ml`: how good and how fast guesses are, on public files and on made ones; a table, and `build/bench-ml.json`."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.ml.public import CHURN, PUBLIC, Bar, table

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench-ml.json"


def walks(count: int, length: int = 72) -> np.ndarray:
    """Monthly series with a season, a wandering level and noise, of unequal lengths."""
    draw, month = np.random.default_rng(0), np.arange(length)
    wave = 10 * np.sin((month + draw.integers(0, 12, count)[:, None]) * np.pi / 6)
    level = np.cumsum(draw.normal(scale=2, size=(count, length)), axis=1)
    made = 50 + wave + level + draw.normal(scale=4, size=(count, length))
    made[month < draw.integers(0, 30, count)[:, None]] = np.nan
    return made


def many_series(count: int) -> dict[str, Any]:
    """A forecast of six months with its backtest and bounds."""
    from ml.forecasts.ahead import forecast

    values, cpu, wall = walks(count), time.process_time(), time.perf_counter()
    assert forecast(values, 6, 12).bounds(0.95) is not None
    return {"cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - wall}


def many_customers() -> dict[str, Any]:
    """A hundred thousand customers scored with their drivers."""
    from ml.scores.model import train

    customers = table("churn_telco", "Telco-Customer-Churn.csv")
    model = train(customers, CHURN)
    many = pd.concat([customers] * 15, ignore_index=True).head(100_000)
    cpu, wall = time.process_time(), time.perf_counter()
    assert len(model.score(many).probability) == len(many)
    return {"cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - wall}


def permuted() -> dict[str, Any]:
    """Twenty draws of outcomes that nothing tells: how many are promoted."""
    from ml.scores.protocol import evaluate

    customers = table("churn_telco", "Telco-Customer-Churn.csv").sample(1500, random_state=0)
    drawn = [np.random.default_rng(seed).permutation(customers["Churn"].to_numpy()) for seed in range(20)]
    return {"promoted": sum(evaluate(customers.assign(Churn=one), CHURN).state == "ok" for one in drawn)}


CASES: dict[str, tuple[Callable[[], dict[str, Any]], tuple[Bar, ...]]] = {
    **PUBLIC,
    "permuted outcomes": (permuted, (Bar("promoted", most=1),)),
    "500 series": (lambda: many_series(500), (Bar("cpu_seconds", most=30),)),
    "10,000 series": (lambda: many_series(10_000), (Bar("seconds", most=240),)),
    # One thread does it: its own seconds, whatever else the machine is doing.
    "100,000 customers": (many_customers, (Bar("cpu_seconds", most=60),)),
}


def main() -> int:
    """Print a line per bar; 1 when one was missed."""
    lines: list[dict[str, Any]] = []
    for name, (measure, bars) in CASES.items():
        started = time.perf_counter()
        try:
            told = measure()
        except FileNotFoundError as absent:
            sys.stdout.write(f"{name:<18} left out: {absent}\n")
            continue
        seconds = round(time.perf_counter() - started, 1)
        for bar in bars:
            value = told[bar.figure]
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            met = "met" if bar.met(told) else "MISSED"
            sys.stdout.write(f"{name:<18} {bar.figure:<25} {shown:>10}  {bar!s:<22} {met:<6} {seconds:>6} s\n")
            line = {"name": name, "figure": bar.figure, "value": value, "bar": str(bar), "met": bar.met(told)}
            lines.append({**line, "seconds": seconds})
        sys.stdout.flush()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")
    missed = [line["name"] for line in lines if not line["met"]]
    sys.stdout.write(f"\n{RESULT.relative_to(ROOT)}: {len(lines)} lines, {len(missed)} below their bar\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
