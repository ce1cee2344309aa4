"""Every mark of every card, asked by itself, is the value the card shows, from the same rows."""

from random import Random

import pytest

from tests.houses import House, today
from warehouse.dashboards import Card
from warehouse.metrics.answer import answer, plan, records_behind
from warehouse.metrics.dashboard import View, homes, question_of, standard
from warehouse.metrics.periods import last_complete
from warehouse.metrics.serving import Serving, serving
from warehouse.oltp.engine import reading
from warehouse.oltp.organization import Organization

CARDS = {
    f"{place} {board.name}: {card.title}": card
    for place, boards in {"home": homes(), "dashboard": standard()}.items()
    for board in boards.values()
    for card in board.cards
}
MARKS = 2
"""Of each card, drawn by the card's own name: the same every time."""


@pytest.fixture(scope="module")
def opened(built_house: House) -> Serving:
    with built_house.entered():
        with reading() as session:
            found = session.query(Organization).filter(Organization.slug == "demo").one().id
        return serving(found)


def view() -> View:
    return View(last_complete(today(), "month"), today())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_rows_behind_a_mark_give_it_back(built_house: House, opened: Serving, name: str) -> None:
    card: Card = CARDS[name]
    with built_house.entered():
        whole = answer(opened, question_of(card, view(), opened.catalogue))
        marks = [
            (line, metric) for line in whole.lines for metric in card.metrics if line.cells[metric].value is not None
        ]
        for line, metric in Random(name).sample(marks, min(MARKS, len(marks))):
            question = whole.plan.question.of_line(line.keys, metric)
            alone, shown = answer(opened, question).only(metric), line.cells[metric]
            assert (alone.value, alone.rows, alone.fingerprint) == (shown.value, shown.rows, shown.fingerprint), (
                line.keys
            )
            for part in opened.catalogue.metric(metric).parts:
                if part.is_whole and opened.catalogue.record_of(part.model):
                    behind = records_behind(opened, plan(opened, question), part, 10_000)
                    assert behind or not shown.value, f"{metric} of {line.keys} has no record behind it"
