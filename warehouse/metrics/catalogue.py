"""What can be asked: metrics, their dimensions and their words, read from the semantic manifest."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from warehouse.extracts.own_fields import OwnColumn, OwnField

UNITS = {"count": "integer", "money": "decimal", "share": "decimal", "days": "decimal"}


class Unknown(Exception):
    """A metric or dimension that does not exist, or does not go together; says the nearest."""


@dataclass(frozen=True)
class Names:
    """Where the words for a dimension's ids are: table, key column, word column."""

    table: str
    key: str
    word: str

    @classmethod
    def parse(cls, told: str | None) -> "Names | None":
        """From `table.key.word`."""
        return cls(*told.split(".")) if told else None


@dataclass(frozen=True)
class Dimension:
    """Something to group or filter by."""

    name: str
    label: str
    description: str
    kind: str
    """`category` or `date`."""
    query_name: str
    """How the compiler calls it: `opportunity__stage`."""
    column: str
    """The column of the model behind it."""
    names: Names | None = None
    is_person: bool = False
    """Its ids stand for people or customers: a query holds the ids, and names are joined when shown."""
    privacy: str = "business"
    """The tag of the column behind it; whoever does not see the tag does not know the dimension."""


@dataclass(frozen=True)
class Metric:
    """One governed number."""

    name: str
    label: str
    description: str
    unit: str
    better: str
    is_stock: bool
    kind: str
    """`simple`, or `ratio` of two simple ones."""
    parts: tuple[str, ...]
    """The simple metrics it is computed from; itself when simple."""
    default_time: str
    model: str
    dimensions: tuple[str, ...]
    internal: bool
    privacy: str
    """The tag of the column it adds up; whoever does not see the tag does not know the metric."""
    definition: dict[str, Any] = field(repr=False, hash=False, compare=False)

    def describe(self) -> dict[str, Any]:
        """As `longhouse metrics --format json` lists it."""
        return {
            "name": self.name,
            "label": self.label,
            "description": self.description,
            "unit": self.unit,
            "type": self.kind,
            "better": self.better,
            "default_time": self.default_time,
            "dimensions": list(self.dimensions),
        }


class Catalogue:
    """The semantic manifest of one build or checkout, in our words."""

    def __init__(self, manifest: dict[str, Any], digest: str, hidden: frozenset[str] = frozenset()) -> None:
        self.manifest, self.digest, self.hidden = manifest, digest, hidden

    def without(self, hidden: frozenset[str]) -> "Catalogue":
        """What is left for somebody who does not see columns with these tags."""
        return Catalogue(self.manifest, self.digest, hidden)

    def with_own(self, columns: Iterable[OwnColumn]) -> "Catalogue":
        """With the fields an organization added, as dimensions of the models that have them; for that organization alone."""
        added: dict[str, list[dict[str, Any]]] = {}
        for one in columns:
            added.setdefault(one.model, []).append(_own_dimension(one.field))
        models = [
            model | {"dimensions": [*model["dimensions"], *added.get(model["node_relation"]["alias"], [])]}
            for model in self.manifest["semantic_models"]
        ]
        return Catalogue(self.manifest | {"semantic_models": models}, self.digest, self.hidden)

    @classmethod
    def read(cls, folder: Path) -> "Catalogue":
        """From a folder of definitions; its name is their digest."""
        manifest = json.loads((folder / "semantic_manifest.json").read_text(encoding="utf-8"))
        return cls(manifest, folder.name)

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """Every public dimension by its plain name."""
        found: dict[str, Dimension] = {}
        for model in self.manifest["semantic_models"]:
            primary = next(entity["name"] for entity in model["entities"] if entity["type"] == "primary")
            for told in model["dimensions"]:
                meta = _meta(told)
                if meta.get("internal") or _privacy(meta) in self.hidden:
                    continue
                name = told["name"]
                found[name] = Dimension(
                    name=name,
                    label=meta.get("label") or name.replace("_", " ").capitalize(),
                    description=told["description"] or "",
                    kind="date" if told["type"] == "time" else "category",
                    query_name=f"{primary}__{name}",
                    column=told["expr"] or name,
                    names=Names.parse(meta.get("names")),
                    is_person=bool(meta.get("is_person")),
                    privacy=_privacy(meta),
                )
        return found

    @cached_property
    def all_metrics(self) -> dict[str, Metric]:
        """Every metric, the internal parts of ratios included."""
        told = {metric["name"]: metric for metric in self.manifest["metrics"]}
        return {name: self._metric(told, name) for name in told}

    @property
    def metrics(self) -> dict[str, Metric]:
        """The metrics people may ask for."""
        return {
            name: metric
            for name, metric in self.all_metrics.items()
            if not metric.internal and metric.privacy not in self.hidden
        }

    def metric(self, name: str) -> Metric:
        """By name; Unknown lists the nearest."""
        if name not in self.metrics:
            raise Unknown(f"There is no metric {name!r}. {_nearest(name, list(self.metrics))}")
        return self.metrics[name]

    def dimension(self, name: str, metric: Metric) -> Dimension:
        """By name, reachable from the metric; Unknown lists the nearest reachable."""
        if name not in metric.dimensions:
            why = "cannot be grouped or filtered by" if name in self.dimensions else "knows no"
            raise Unknown(f"The metric {metric.name} {why} {name!r}. {_nearest(name, list(metric.dimensions))}")
        return self.dimensions[name]

    def _metric(self, told: dict[str, dict[str, Any]], name: str) -> Metric:
        metric, meta = told[name], _meta(told[name])
        ratio = metric["type"] == "ratio"
        parts = _parts(metric) if ratio else (name,)
        measure = told[parts[0]]["type_params"]["measure"]["name"]
        model, time = self._home(measure)
        return Metric(
            name=name,
            label=metric["label"] or name.replace("_", " ").capitalize(),
            description=metric["description"] or "",
            unit=meta["unit"],
            better=meta.get("better", "up"),
            is_stock=bool(meta.get("is_stock")),
            kind=metric["type"],
            parts=parts,
            default_time=time,
            model=model["node_relation"]["alias"],
            dimensions=tuple(d["name"] for d in model["dimensions"] if d["name"] in self.dimensions),
            internal=bool(meta.get("internal")),
            privacy=_privacy(meta),
            definition=_definition(metric, [told[part] for part in parts if ratio], model, measure),
        )

    def _home(self, measure: str) -> tuple[dict[str, Any], str]:
        for model in self.manifest["semantic_models"]:
            for told in model["measures"]:
                if told["name"] == measure:
                    return model, told["agg_time_dimension"] or model["defaults"]["agg_time_dimension"]
        raise Unknown(f"No semantic model has the measure {measure!r}.")


def _parts(metric: dict[str, Any]) -> tuple[str, ...]:
    params = metric["type_params"]
    return params["numerator"]["name"], params["denominator"]["name"]


def _definition(
    metric: dict[str, Any], parts: list[dict[str, Any]], model: dict[str, Any], measure: str
) -> dict[str, Any]:
    """What decides the metric's value: its own logic, its parts and the measures and expressions under them."""
    used = {measure} | {part["type_params"]["measure"]["name"] for part in parts}
    return {
        "metric": _logic(metric),
        "parts": [_logic(part) for part in parts],
        "model": model["node_relation"]["alias"],
        "measures": [_logic(told) for told in model["measures"] if told["name"] in used],
        # An organization's own fields are no part of what a metric is: the query says which of them it uses.
        "expressions": {
            told["name"]: told["expr"] or told["name"] for told in model["dimensions"] if not _meta(told).get("is_own")
        },
    }


def _own_dimension(field: OwnField) -> dict[str, Any]:
    """A field as the semantic layer tells a dimension."""
    is_day = field.kind == "day"
    # A number groups like a word: without the zeros that its column's type adds.
    expression = f"rtrim(rtrim({field.name}::varchar, '0'), '.')" if field.kind == "number" else field.name
    expression = (
        f"case {field.name} when true then 'yes' when false then 'no' end" if field.kind == "yes_no" else expression
    )
    return {
        "name": field.name,
        "description": f"{field.label}, a field of your own on {field.entity}.",
        "type": "time" if is_day else "categorical",
        "type_params": {"time_granularity": "day", "validity_params": None} if is_day else None,
        "expr": expression,
        "is_partition": False,
        "metadata": None,
        "label": field.label,
        "config": {"meta": {"label": field.label, "privacy": field.privacy, "is_own": True}},
    }


def _logic(told: dict[str, Any]) -> dict[str, Any]:
    """Without words and presentation, which may change while the number stays the same."""
    return {key: value for key, value in told.items() if key not in {"description", "label", "config", "metadata"}}


def _meta(told: dict[str, Any]) -> dict[str, Any]:
    return dict((told.get("config") or {}).get("meta") or {})


def _privacy(meta: dict[str, Any]) -> str:
    return str(meta.get("privacy") or ("personal" if meta.get("is_person") else "business"))


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=4, cutoff=0.4)
    return f"Nearest: {', '.join(near)}." if near else f"There are: {', '.join(known)}."
