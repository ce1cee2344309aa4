"""An organization's own numbers: made of governed ones, equal to them put together by hand, proven, and nobody else's."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.houses import House
from warehouse.formula import evaluate
from warehouse.metrics.answer import answer
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.own import metrics_of
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import read_receipt, write_receipt
from warehouse.metrics.serving import Serving, catalogue_of, serving, serving_as
from warehouse.metrics.verify import verify
from warehouse.oltp.engine import reading, writing_as
from warehouse.operations import metrics
from warehouse.operations.declare import Forbidden, NotAllowedNow, StaleVersion
from warehouse.operations.organization import find_organization
from warehouse.own_metrics import NoMetric, read_own_metric
from warehouse.tenancy import AccessRole, Actor, BusinessFunction, member, operator_actor

pytestmark = pytest.mark.slow

SERVICES = {
    "name": "services_won",
    "label": "Won, services",
    "description": "What was won in the services sector.",
    "unit": "money",
    "metric": "won_value",
    "where": {"sector": ["services", None]},
}
PER_CUSTOMER = {
    "name": "won_per_customer",
    "label": "Won per customer",
    "description": "What was won, for each customer there was as the period ended.",
    "unit": "money",
    "synonyms": ["yield"],
    "inputs": {"won": {"metric": "won_value"}, "there": {"metric": "customer_count"}},
    "formula": "won / there",
}
CHURN_OVER_WINS = {
    "name": "churn_over_wins",
    "label": "Churn over wins",
    "description": "A ratio of ratios, one of which begins with those that were there before.",
    "unit": "number",
    "inputs": {"churn": {"metric": "customer_churn_rate"}, "wins": {"metric": "win_rate"}},
    "formula": "100 * churn / (wins + 1)",
}
MEDIAN = {
    "name": "urgent_median",
    "label": "Urgent, median",
    "description": "Half of the urgent tickets were solved within so many minutes.",
    "unit": "minutes",
    "better": "down",
    "metric": "median_resolution_time",
    "where": {"priority": ["urgent", "high"]},
}
MADE = (SERVICES, PER_CUSTOMER, CHURN_OVER_WINS, MEDIAN)


@pytest.fixture
def demo(house: House, enter: Callable[[House], None]) -> Actor:
    """The owner of the demo company, in a house that may be changed."""
    enter(house)
    with reading() as session:
        return operator_actor(find_organization(session, "demo").id)


@pytest.fixture
def defined(demo: Actor) -> Serving:
    for body in MADE:
        _define(demo, body)
    return serving_as(demo)


def _define(actor: Actor, body: dict[str, Any]) -> Any:
    with writing_as(actor) as session:
        return metrics.define_metric(session, actor, metrics.DefineMetric(body=body))


def _year(name: str, **asked: Any) -> Question:
    return Question(metrics=(name,), start=date(2025, 1, 1), end=date(2026, 1, 1), as_of=date(2026, 10, 1), **asked)


def test_a_narrowed_number_is_the_governed_one_of_those_records(defined: Serving) -> None:
    for body in (SERVICES, MEDIAN):
        own = answer(defined, _year(body["name"])).only(body["name"])
        governed = answer(defined, _year(body["metric"], where=body["where"])).only(body["metric"])
        assert own == governed
        assert own.rows > 0


def test_a_number_put_together_is_its_formula_of_governed_ones(defined: Serving) -> None:
    for body in (PER_CUSTOMER, CHURN_OVER_WINS):
        [line] = answer(defined, _year(body["name"])).lines
        given = {
            alias: answer(defined, _year(one["metric"])).only(one["metric"]) for alias, one in body["inputs"].items()
        }
        wanted = evaluate(body["formula"], {alias: cell.value for alias, cell in given.items()})
        assert wanted is not None
        assert abs(line.cells[body["name"]].value - wanted) <= abs(wanted) / 10**9


def test_it_is_divided_by_what_all_its_inputs_know_and_called_by_its_words(defined: Serving) -> None:
    told = defined.catalogue.metrics["won_per_customer"]
    both = [set(defined.catalogue.metrics[name].dimensions) for name in ("won_value", "customer_count")]
    assert set(told.dimensions) == both[0] & both[1] != set()
    assert (told.is_own, told.unit, told.synonyms) == (True, "money", ("yield",))
    assert not [name for name in defined.catalogue.metrics if name.startswith("won_per_customer_")]
    by_sector = answer(defined, _year("services_won", by=("sector",))).lines
    assert {line.keys["sector"] for line in by_sector} <= {"services", None}


def test_nobody_else_knows_it(defined: Serving) -> None:
    with reading() as session:
        other = serving(find_organization(session, "globex").id)
    assert not {body["name"] for body in MADE} & set(other.catalogue.all_metrics)
    with pytest.raises(Unknown):
        answer(other, _year("services_won"))


def test_a_receipt_of_it_holds_when_it_has_become_another_number_and_when_it_is_gone(
    demo: Actor, defined: Serving
) -> None:
    receipt = write_receipt(demo, answer(defined, _year("services_won", grain="quarter")))
    ratio = write_receipt(demo, answer(defined, _year("churn_over_wins")))
    with writing_as(demo) as session:
        kept = {one.name: one for one in metrics.metrics_of(session, demo)}
        other = SERVICES | {"where": {"sector": ["retail"]}}
        changed = metrics.EditMetric(id=kept["services_won"].id, version=1, body=other)
        metrics.edit_metric(session, demo, changed)
        metrics.delete_metric(session, demo, metrics.OneMetric(id=kept["churn_over_wins"].id, version=1))
    assert "churn_over_wins" not in serving_as(demo).catalogue.metrics
    again = write_receipt(demo, answer(serving_as(demo), _year("services_won", grain="quarter")))
    assert again != receipt
    for one in (receipt, ratio, again):
        with reading() as session:
            stored = read_receipt(session, one)
        assert verify(stored).findings == []


def test_what_it_was_comes_back_under_its_name_with_every_version(demo: Actor) -> None:
    made = _define(demo, SERVICES)
    with pytest.raises(NotAllowedNow, match="already"):
        _define(demo, SERVICES)
    with writing_as(demo) as session, pytest.raises(StaleVersion):
        metrics.delete_metric(session, demo, metrics.OneMetric(id=made.id, version=7))
    renamed = metrics.EditMetric(id=made.id, version=1, body=SERVICES | {"name": "renamed"})
    with writing_as(demo) as session, pytest.raises(NotAllowedNow, match="keeps its name"):
        metrics.edit_metric(session, demo, renamed)
    with writing_as(demo) as session:
        metrics.delete_metric(session, demo, metrics.OneMetric(id=made.id, version=1))
    back = _define(demo, SERVICES | {"label": "Back"})
    assert (back.id, back.version, [one["version"] for one in back.earlier]) == (made.id, 3, [2])


def test_whoever_does_not_see_what_it_is_made_of_does_not_see_it(demo: Actor) -> None:
    of_quota = {
        "name": "won_over_quota",
        "label": "Won over quota",
        "description": "How far beyond its quota.",
        "unit": "share",
        "inputs": {"reached": {"metric": "quota_attainment"}},
        "formula": "reached - 1",
    }
    _define(demo, of_quota)
    assert "won_over_quota" in serving_as(demo).catalogue.metrics
    analyst = member(demo.organization_id, "m", AccessRole.MEMBER, frozenset({BusinessFunction.ANALYST}))
    assert "won_over_quota" not in serving_as(analyst).catalogue.metrics


def test_only_those_with_the_right_define(demo: Actor) -> None:
    seller = member(demo.organization_id, "m", AccessRole.MEMBER, frozenset({BusinessFunction.SALES}))
    with pytest.raises(Forbidden):
        _define(seller, SERVICES)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"metric": "won_valve"}, "won_value"),
        ({"where": {"ticket_priority": ["high"]}}, "ticket_priority"),
        ({"where": {"closed_on": ["soon"]}}, "date"),
        ({"name": "won_value"}, "governed"),
        ({"name": "sector"}, "governed"),
    ],
)
def test_what_does_not_go_together_is_said(demo: Actor, change: dict[str, Any], word: str) -> None:
    opened = serving_as(demo)
    with pytest.raises(Unknown, match=word):
        metrics_of(catalogue_of(opened.provenance.definitions), read_own_metric(SERVICES | change))


def test_what_is_broken_later_is_left_out_and_the_rest_stays(demo: Actor) -> None:
    _define(demo, SERVICES)
    _define(demo, SERVICES | {"name": "of_nothing", "metric": "a_metric_that_went"})
    known = serving_as(demo).catalogue.metrics
    assert "services_won" in known
    assert "of_nothing" not in known


def test_the_command_defines_changes_lists_and_puts_away(house: House, tmp_path: Path) -> None:
    file = tmp_path / "ours.yml"
    file.write_text(yaml.safe_dump([SERVICES, PER_CUSTOMER]), encoding="utf-8")
    assert "services_won is defined" in house.run("define", str(file), "--org", "demo").stdout
    assert "services_won is what it was" in house.run("define", str(file), "--org", "demo").stdout
    assert house.metric("services_won", "--org", "demo")["rows"]
    listed = house.run("metrics", "--org", "demo", "--format", "json").stdout
    assert '"won_per_customer"' in listed
    assert '"won_per_customer"' not in house.run("metrics", "--org", "globex", "--format", "json").stdout
    assert "put away" in house.run("define", "--remove", "services_won", "--org", "demo").stdout
    again = house.run("define", "--remove", "services_won", "--org", "demo", check=False)
    assert "There are: won_per_customer." in again.stderr
    file.write_text(yaml.safe_dump([SERVICES, SERVICES | {"metric": "won_valve"}]), encoding="utf-8")
    wrong = house.run("define", str(file), "--org", "demo", check=False)
    assert "won_value" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "the whole"),
        (SERVICES | {"name": "Not A Name"}, "name"),
        (SERVICES | {"unit": "bananas"}, "unit"),
        (SERVICES | {"extra": 1}, "extra"),
        (PER_CUSTOMER | {"formula": "won / them"}, "them"),
        (PER_CUSTOMER | {"formula": "won"}, "there"),
        (PER_CUSTOMER | {"formula": "__import__('os').system('true')"}, "formula"),
        (PER_CUSTOMER | {"formula": "won / there ** 2"}, "formula"),
        (PER_CUSTOMER | {"formula": "("}, "formula"),
    ],
)
def test_what_is_no_number_is_refused_with_its_place(body: Any, word: str) -> None:
    with pytest.raises(NoMetric, match=word):
        read_own_metric(body)
