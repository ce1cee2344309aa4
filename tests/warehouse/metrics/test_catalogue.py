"""What can be asked, read from the parsed business model, and what is said when something cannot."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from warehouse.metrics.catalogue import UNITS, Catalogue, Unknown
from warehouse.metrics.question import Question, checked

TODAY = date(2026, 5, 20)


@pytest.fixture(scope="module")
def catalogue(definitions: Path) -> Catalogue:
    return Catalogue.read(definitions)


def _ask(catalogue: Catalogue, **parts: Any) -> Any:
    return checked(Question(**{"metrics": ("won_value",), "as_of": TODAY} | parts), catalogue)


def test_every_metric_says_what_it_is(catalogue: Catalogue) -> None:
    assert catalogue.metrics
    for metric in catalogue.metrics.values():
        told = metric.describe()
        assert {"name", "description", "unit", "dimensions"} <= set(told)
        assert told["description"].endswith("."), metric.name
        assert told["unit"] in UNITS, metric.name
        assert told["owner"], metric.name
        assert told["better"] in {"up", "down"}, metric.name


def test_a_word_to_group_by_means_the_same_in_every_model(catalogue: Catalogue) -> None:
    for known in catalogue.of_models.values():
        for name, dimension in known.items():
            first = catalogue.dimensions[name]
            told = (first.label, first.kind, first.names, first.is_person, first.privacy)
            assert (
                dimension.label,
                dimension.kind,
                dimension.names,
                dimension.is_person,
                dimension.privacy,
            ) == told, (dimension.model, name)


def test_what_two_rooms_share_can_group_a_number_made_of_both(catalogue: Catalogue) -> None:
    assert {"sector", "country"} <= set(catalogue.metric("tickets_per_customer").dimensions)
    with pytest.raises(Unknown, match="tickets_per_customer cannot be grouped or filtered by 'priority'"):
        _ask(catalogue, metrics=("tickets_per_customer",), by=("priority",))


def test_a_quota_is_a_word_only_for_those_who_may_see_it(catalogue: Catalogue) -> None:
    assert "quota_attainment" in catalogue.metrics
    assert "quota_attainment" not in catalogue.without(frozenset({"restricted"})).metrics


def test_every_dimension_says_what_it_is(catalogue: Catalogue) -> None:
    for dimension in catalogue.dimensions.values():
        assert dimension.description.endswith("."), dimension.name
        assert dimension.kind in {"category", "date"}


def test_parts_of_ratios_are_not_offered_to_people(catalogue: Catalogue) -> None:
    hidden = set(catalogue.all_metrics) - set(catalogue.metrics)
    assert "won_cycle_days" in hidden
    with pytest.raises(Unknown):
        catalogue.metric("won_cycle_days")


def test_internal_dimensions_are_not_offered_to_people(catalogue: Catalogue) -> None:
    assert "is_won" not in catalogue.dimensions
    assert "is_won" not in catalogue.metric("won_value").dimensions


def test_a_ratio_is_made_of_two_simple_metrics(catalogue: Catalogue) -> None:
    ratios = [metric for metric in catalogue.metrics.values() if metric.kind == "ratio"]
    assert ratios
    for ratio in ratios:
        assert [catalogue.all_metrics[part.name].kind for part in ratio.parts] == ["simple", "simple"]


def test_a_mistyped_metric_is_answered_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(Unknown, match=r"There is no metric 'won_valu'\. Nearest: won_value"):
        catalogue.metric("won_valu")


def test_a_metric_like_no_other_is_answered_with_all_there_are(catalogue: Catalogue) -> None:
    with pytest.raises(Unknown) as refused:
        catalogue.metric("zzzz")
    assert all(name in str(refused.value) for name in catalogue.metrics)


def test_a_mistyped_dimension_is_answered_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(Unknown, match=r"won_value knows no 'sectr'\. Nearest: sector"):
        _ask(catalogue, by=("sectr",))


def test_a_filter_on_an_unknown_dimension_is_refused_like_a_grouping(catalogue: Catalogue) -> None:
    with pytest.raises(Unknown, match="Nearest: regional_office"):
        _ask(catalogue, where={"regional_ofice": ("West",)})


def test_a_hidden_dimension_is_as_unknown_as_any(catalogue: Catalogue) -> None:
    with pytest.raises(Unknown, match="knows no 'is_won'"):
        _ask(catalogue, by=("is_won",))


@pytest.mark.parametrize("value", ["soon", "2026-02-30", "31.01.2026"])
def test_a_day_to_filter_by_is_written_as_a_day(catalogue: Catalogue, value: str) -> None:
    with pytest.raises(Unknown, match="write it like 2026-01-31"):
        _ask(catalogue, where={"closed_on": (value,)})


def test_an_unknown_day_may_be_filtered_by(catalogue: Catalogue) -> None:
    metrics, dimensions = _ask(catalogue, by=("stage",), where={"closed_on": (None,)})
    assert ([metric.name for metric in metrics], [one.name for one in dimensions]) == (["won_value"], ["stage"])


def test_people_and_customers_are_held_by_their_ids(catalogue: Catalogue) -> None:
    people = {name for name, dimension in catalogue.dimensions.items() if dimension.is_person}
    assert people == {"sales_rep", "customer", "agent"}
    assert all(catalogue.dimensions[name].names for name in people)


def test_a_definition_is_what_decides_the_value_and_not_how_it_is_called(catalogue: Catalogue) -> None:
    told = str(catalogue.metric("won_value").definition)
    assert "closed_amount" in told
    assert "opportunity__is_won" in told
    assert catalogue.metric("won_value").description not in told


def test_a_definition_folder_is_named_after_its_content(definitions: Path) -> None:
    assert Catalogue.read(definitions).digest == definitions.name
