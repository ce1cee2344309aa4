"""What dashboards ask: each card's question of what a person looks at; and the dashboards every organization has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from warehouse.dashboards import Card, Dashboard, Moves, Where
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.periods import Period, shifted
from warehouse.metrics.question import Question

FOLDER = Path(__file__).parent / "dashboards"
PERIODS = 12
"""How many periods a course over time shows, the chosen one included."""


@dataclass(frozen=True)
class View:
    """What a person looks at: the period they chose, the last day that counts, and what they filtered by."""

    period: Period
    today: date
    where: Where = field(default_factory=dict)
    is_latest: bool = True
    """Whether the period is the last one; else what stands is told as it stood when the period ended."""

    @property
    def is_running(self) -> bool:
        """Whether the period is not over."""
        return self.today < self.period.end - timedelta(days=1)

    @property
    def now(self) -> date:
        """The day of which to tell how things stand."""
        return self.today if self.is_latest else self.period.end - timedelta(days=1)

    @property
    def trend(self) -> list[Period]:
        """The chosen period and those before it, oldest first."""
        return [shifted(self.period, -back) for back in range(PERIODS - 1, -1, -1)]


def question_of(card: Card, view: View, catalogue: Catalogue) -> Question:
    """What a card asks of a view. Filters that one of its metrics does not know are left out; see `unheard`.

    Raises Unknown for a metric or dimension that is not there, or not for this actor.
    """
    metrics = [catalogue.metric(name) for name in card.metrics]
    heard = {name: values for name, values in view.where.items() if _know(metrics, name)}
    start = {"period": view.period.start, "trend": view.trend[0].start, "now": None}[card.over]
    # A trend is cut to its largest parts when it is drawn: a limit would cut periods.
    whole = card.over == "trend" or card.form == "bridge"
    return Question(
        metrics=card.metrics,
        by=card.by,
        grain=view.period.grain if card.over == "trend" else None,
        where=heard | card.where,
        start=start,
        end=view.period.end if start else None,
        as_of=view.now if card.over == "now" else view.today,
        order=card.order,
        limit=None if whole else card.limit,
    )


def unheard(card: Card, view: View, catalogue: Catalogue) -> list[str]:
    """The filters of a view that do not apply to a card."""
    metrics = [catalogue.metric(name) for name in card.metrics]
    return [name for name in view.where if not _know(metrics, name)]


def known_to(board: Dashboard, catalogue: Catalogue) -> Dashboard:
    """What is left of a dashboard for somebody who does not know every metric or dimension."""
    rows = [tuple(card for card in row if _all_known(card, catalogue)) for row in board.rows]
    return board.model_copy(
        update={
            "figures": tuple(name for name in board.figures if name in catalogue.metrics),
            "filters": tuple(name for name in board.filters if name in catalogue.dimensions),
            "moves": _moves_known_to(board, catalogue),
            "rows": tuple(row for row in rows if row),
        }
    )


def _moves_known_to(board: Dashboard, catalogue: Catalogue) -> Moves | None:
    metric = catalogue.metrics.get(board.moves.metric) if board.moves else None
    if metric is None or board.moves is None:
        return None
    known = tuple(name for name in board.moves.by if name in metric.dimensions)
    return board.moves.model_copy(update={"by": known}) if known else None


@cache
def standard() -> dict[str, Dashboard]:
    """The dashboards every organization has, by name, in the order of the menu."""
    return _read(FOLDER)


@cache
def homes() -> dict[str, Dashboard]:
    """What people land on, by the business function they have; `everybody` for those who have none, or several."""
    return _read(FOLDER / "home")


def _read(folder: Path) -> dict[str, Dashboard]:
    files = sorted(folder.glob("*.yml"))
    found = [Dashboard.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return {one.name: one for one in found}


def _know(metrics: Iterable[Metric], dimension: str) -> bool:
    return all(dimension in metric.dimensions for metric in metrics)


def _all_known(card: Card, catalogue: Catalogue) -> bool:
    metrics = [catalogue.metrics.get(name) for name in card.metrics]
    known = [metric for metric in metrics if metric]
    return len(known) == len(metrics) and all(_know(known, name) for name in (*card.by, *card.where))
