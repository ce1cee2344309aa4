"""Numbers that an organization defined: added to the semantic manifest of that organization alone."""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from warehouse.metrics.catalogue import Catalogue, Metric, Part, Unknown
from warehouse.metrics.literals import condition
from warehouse.oltp.engine import reading
from warehouse.oltp.insights import DefinedMetric
from warehouse.own_metrics import Input, NoMetric, OwnMetric, read_own_metric

STRICTEST = ("personal", "restricted", "business")
"""Tags, the most covered first: a number is as covered as the most covered thing it is made of."""


@dataclass(frozen=True)
class _Made:
    """What one of a number's inputs became: parts for the compiler, and a formula over them."""

    parts: tuple[dict[str, Any], ...]
    opening: tuple[str, ...]
    formula: str
    privacy: frozenset[str]


def defined_metrics(organization_id: str) -> tuple[OwnMetric, ...]:
    """The organization's own numbers, in the order of their names; such as this version cannot read are left out."""
    kept = select(DefinedMetric.body).where(
        DefinedMetric.organization_id == organization_id, DefinedMetric.deleted_at.is_(None)
    )
    with reading() as session:
        told: Sequence[object] = session.scalars(kept.order_by(DefinedMetric.name)).all()
    return tuple(_readable(told))


def _readable(told: Sequence[object]) -> Iterator[OwnMetric]:
    for one in told:
        try:
            yield read_own_metric(one)
        except NoMetric:
            continue


def with_own_metrics(catalogue: Catalogue, own: Sequence[OwnMetric]) -> Catalogue:
    """The catalogue with these numbers; those whose governed numbers or dimensions are gone are left out."""
    made = []
    for one in own:
        try:
            made += metrics_of(catalogue, one)
        except Unknown:
            continue
    manifest = catalogue.manifest | {"metrics": [*catalogue.manifest["metrics"], *made]}
    return Catalogue(manifest, catalogue.digest, catalogue.hidden)


def metrics_of(catalogue: Catalogue, one: OwnMetric) -> list[dict[str, Any]]:
    """A number as the semantic layer tells it: its parts, which nobody asks for, and itself.

    Raises Unknown: a governed number is called so, or what it is made of is not there or does not go together.
    """
    if one.name in catalogue.all_metrics or one.name in catalogue.dimensions:
        raise Unknown(f"There is something governed called {one.name}: give it another name.")
    made = {alias: _input(catalogue, one, alias, told) for alias, told in one.inputs.items()}
    parts = [part for of_input in made.values() for part in of_input.parts]
    opening = [name for of_input in made.values() for name in of_input.opening]
    privacy = frozenset().union(*(of_input.privacy for of_input in made.values()))
    meta = {
        "unit": one.unit,
        "better": one.better,
        "owner": one.owner or "the organization",
        "synonyms": list(one.synonyms),
        "privacy": next(tag for tag in STRICTEST if tag in privacy),
        "is_own": True,
    }
    words = {"name": one.name, "label": one.label, "description": one.description}
    formula = one.expression({alias: of_input.formula for alias, of_input in made.items()})
    if len(parts) == 1 and not opening and formula == parts[0]["name"]:
        across = {"across": parts[0]["config"]["meta"]["across"]}
        return [parts[0] | words | {"config": {"meta": meta | across}}]
    return [*parts, _derived(parts, formula) | words | {"config": {"meta": meta | {"opening": opening}}}]


def _input(catalogue: Catalogue, one: OwnMetric, alias: str, told: Input) -> _Made:
    metric = catalogue.metric(told.metric)
    formula, parts, opening, tags = metric.formula, [], [], {metric.privacy}
    for part in sorted(metric.parts, key=lambda part: -len(part.column)):
        name = f"{one.name}_{alias}_{part.name}"
        formula = re.sub(rf"\b{part.column}\b", name, formula)
        parts.append(_narrowed(catalogue, metric, part, told) | {"name": name})
        opening += [name] if part.opening else []
    for field in told.where:
        tags.add(catalogue.dimension(field, metric).privacy)
    whole = formula if re.fullmatch(r"\w+", formula) else f"({formula})"
    return _Made(tuple(parts), tuple(opening), whole, frozenset(tags))


def _narrowed(catalogue: Catalogue, metric: Metric, part: Part, told: Input) -> dict[str, Any]:
    """A governed part with the input's conditions beside its own."""
    [governed] = [one for one in catalogue.manifest["metrics"] if one["name"] == part.name]
    found: dict[str, Any] = copy.deepcopy(governed)
    filters = list((found["filter"] or {}).get("where_filters", []))
    for field, values in told.where.items():
        catalogue.dimension(field, metric)
        dimension = catalogue.of_models[part.model][field]
        try:
            filters.append({"where_sql_template": condition(dimension, values)})
        except ValueError:
            raise Unknown(f"{field} is a date, written as 2026-01-31; it is never one of {values!r}.") from None
    across = sorted(part.across)
    meta = {"unit": "count" if part.is_whole else "number", "internal": True, "across": across}
    return found | {"filter": {"where_filters": filters} if filters else None, "config": {"meta": meta}}


def _derived(parts: Sequence[dict[str, Any]], formula: str) -> dict[str, Any]:
    inputs = [
        {"name": part["name"], "filter": None, "alias": None, "offset_window": None, "offset_to_grain": None}
        for part in parts
    ]
    params = dict.fromkeys(parts[0]["type_params"]) | {"expr": formula, "metrics": inputs, "input_measures": []}
    return parts[0] | {"type": "derived", "type_params": params, "filter": None}
