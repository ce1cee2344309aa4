"""Every metric and dimension times every kind of people: whoever does not see a column knows nothing made of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.metrics.rows import DIMENSIONS, METRICS, may_ask
from tests.warehouse.operations.cases import WHO
from warehouse.metrics.catalogue import Catalogue, Unknown
from warehouse.tenancy import Actor, member, rights_of

EVERYBODY = pytest.mark.parametrize("who", WHO)


@pytest.fixture(scope="module")
def catalogue(definitions: Path) -> Catalogue:
    return Catalogue.read(definitions)


def actor(who: str) -> Actor:
    return member("", "", *WHO[who])


def rights(who: str) -> frozenset[str]:
    return frozenset(rights_of(*WHO[who]))


def tagged(catalogue: Catalogue, kind: str, name: str, tag: str) -> Catalogue:
    """The same with another tag at one metric or dimension."""
    manifest: dict[str, Any] = json.loads(json.dumps(catalogue.manifest))
    dimensions = [one for model in manifest["semantic_models"] for one in model["dimensions"]]
    for one in manifest["metrics"] if kind == "metric" else dimensions:
        if one["name"] == name:
            one["config"] = {"meta": ((one.get("config") or {}).get("meta") or {}) | {"privacy": tag}}
    return Catalogue(manifest, catalogue.digest)


def test_every_metric_and_dimension_has_a_row(catalogue: Catalogue) -> None:
    assert {name: metric.privacy for name, metric in catalogue.metrics.items()} == METRICS
    assert {name: dimension.privacy for name, dimension in catalogue.dimensions.items()} == DIMENSIONS


def test_a_ratio_is_no_less_private_than_what_it_divides(catalogue: Catalogue) -> None:
    for metric in catalogue.metrics.values():
        parts = {catalogue.all_metrics[part.name].privacy for part in metric.parts}
        assert parts <= {"business", metric.privacy}, metric.name


@EVERYBODY
def test_everybody_knows_what_the_law_lets_them_ask(catalogue: Catalogue, who: str) -> None:
    known = catalogue.without(actor(who).hidden)
    assert set(known.metrics) == {name for name, tag in METRICS.items() if may_ask(rights(who), tag)}
    assert set(known.dimensions) == {name for name, tag in DIMENSIONS.items() if may_ask(rights(who), tag)}
    for metric in known.metrics.values():
        assert set(metric.dimensions) <= set(known.dimensions), metric.name


@pytest.mark.parametrize("tag", ["personal", "restricted"])
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_of_a_covered_column_is_known_to_those_who_see_it(catalogue: Catalogue, name: str, tag: str) -> None:
    covered = tagged(catalogue, "metric", name, tag)
    for who in WHO:
        known = covered.without(actor(who).hidden)
        assert (name in known.metrics) == may_ask(rights(who), tag), who
        if name not in known.metrics:
            with pytest.raises(Unknown) as refused:
                known.metric(name)
            # It is as unknown as any, and nobody is led to it.
            assert f"There is no metric {name!r}." in str(refused.value)
            assert name not in str(refused.value).split(".", 1)[1].replace(",", "").replace(".", "").split()


@pytest.mark.parametrize("tag", ["personal", "restricted"])
@pytest.mark.parametrize("name", DIMENSIONS)
def test_a_dimension_of_a_covered_column_is_known_to_those_who_see_it(
    catalogue: Catalogue, name: str, tag: str
) -> None:
    covered = tagged(catalogue, "dimension", name, tag)
    for who in WHO:
        known = covered.without(actor(who).hidden)
        assert (name in known.dimensions) == may_ask(rights(who), tag), who
        for metric in known.metrics.values():
            if name not in known.dimensions:
                with pytest.raises(Unknown, match=f"knows no '{name}'"):
                    known.dimension(name, metric)
