"""What can be asked: metrics, their dimensions and their words, read from the semantic manifest."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from warehouse.extracts.own_fields import OwnColumn
from warehouse.own_metrics import Unit

UNITS = frozenset(get_args(Unit))
OPENING = "__opening"
"""After a part's name: its value as a period begins."""


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
    model: str
    """The model whose column it is; a word means the same in every model that has it."""
    query_name: str
    """How the compiler calls it: `opportunity__stage`."""
    column: str
    """The column of the model behind it."""
    names: Names | None = None
    is_person: bool = False
    """Its ids stand for people or customers: a query holds the ids, and names are joined when shown."""
    privacy: str = "business"
    """The tag of the column behind it; whoever does not see the tag does not know the dimension."""


class Timing(StrEnum):
    """How a number relates to the days of a question."""

    FLOW = "flow"
    """What happened within the days asked for."""
    STOCK = "stock"
    """How things stood on the last evening of them that is kept."""
    MONTH_ENDS = "month_ends"
    """The same, where only the ends of months and the last day are kept."""
    TRAILING = "trailing"
    """What happened in the thirty days that end with them."""


@dataclass(frozen=True)
class Part:
    """A number that is added up as it stands; every metric is one, or is computed from some."""

    name: str
    """The simple metric's."""
    model: str
    timing: Timing
    opening: bool
    """Taken as the period begins, not as it ends; of stocks."""
    is_whole: bool
    """A count."""
    adds_up: bool
    """A sum or a count, which is nothing where nothing happened; a median is unknown there."""
    is_sum: bool = False
    """The values of groups add up to the value of all; of different things that are counted, they do not."""
    across: frozenset[str] = frozenset()
    """Dimensions that do not divide it: the same number stands beside each of their values."""

    @property
    def column(self) -> str:
        """What it is called in the compiled statement."""
        return self.name + (OPENING if self.opening else "")


@dataclass(frozen=True)
class Metric:
    """One governed number."""

    name: str
    label: str
    description: str
    unit: str
    """One of UNITS."""
    better: str
    owner: str
    """The function that answers for it."""
    synonyms: tuple[str, ...]
    kind: str
    """`simple`, a `ratio` of two parts, or `derived` from several by an expression."""
    parts: tuple[Part, ...]
    """What it is computed from; itself when simple."""
    formula: str
    """Over the parts' columns: `won_deal_count / closed_deal_count`."""
    default_time: str
    dimensions: tuple[str, ...]
    """What it can be grouped and filtered by: what all its parts know."""
    internal: bool
    privacy: str
    """The tag of the column it adds up; whoever does not see the tag does not know the metric."""
    is_own: bool
    """Whether the organization defined it."""
    definition: dict[str, Any] = field(repr=False, hash=False, compare=False)

    @property
    def is_stock(self) -> bool:
        """Whether it tells how things stand rather than what happened."""
        return self.parts[0].timing is not Timing.FLOW and not self.parts[0].opening

    @property
    def models(self) -> tuple[str, ...]:
        """The models behind it."""
        return tuple(dict.fromkeys(part.model for part in self.parts))

    def describe(self) -> dict[str, Any]:
        """As `longhouse metrics --format json` lists it."""
        return {
            "name": self.name,
            "label": self.label,
            "description": self.description,
            "unit": self.unit,
            "type": self.kind,
            "formula": self.formula,
            "better": self.better,
            "owner": self.owner,
            "synonyms": list(self.synonyms),
            "default_time": self.default_time,
            "dimensions": list(self.dimensions),
            "is_own": self.is_own,
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
            added.setdefault(one.model, []).append(one.field.as_dimension())
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
    def of_models(self) -> dict[str, dict[str, Dimension]]:
        """Model → its public dimensions by their plain names."""
        return {_alias(model): dict(self._dimensions_of(model)) for model in self.manifest["semantic_models"]}

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """Every public dimension by its plain name, as the first model that has it tells it."""
        found: dict[str, Dimension] = {}
        for of_model in self.of_models.values():
            found = of_model | found
        return found

    def _dimensions_of(self, model: dict[str, Any]) -> Iterator[tuple[str, Dimension]]:
        primary = _primary(model)
        for told in model["dimensions"]:
            meta, name = _meta(told), told["name"]
            if meta.get("internal") or _privacy(meta) in self.hidden:
                continue
            yield (
                name,
                Dimension(
                    name=name,
                    label=meta.get("label") or name.replace("_", " ").capitalize(),
                    description=told["description"] or "",
                    kind="date" if told["type"] == "time" else "category",
                    model=_alias(model),
                    query_name=f"{primary}__{name}",
                    column=told["expr"] or name,
                    names=Names.parse(meta.get("names")),
                    is_person=bool(meta.get("is_person")),
                    privacy=_privacy(meta),
                ),
            )

    def record_of(self, model: str) -> str | None:
        """The entity whose records a model's rows are, or speak of; None where a row adds up many."""
        named = self._model(model)["records"] if "records" in self._model(model) else _primary(self._told(model))
        return str(named) if named else None

    def table_of(self, model: str) -> str | None:
        """The operational table that keeps those records; None where people keep none of them."""
        found = self._model(model).get("table")
        return str(found) if found else None

    def _told(self, model: str) -> dict[str, Any]:
        [told] = [one for one in self.manifest["semantic_models"] if _alias(one) == model]
        return dict(told)

    def _model(self, model: str) -> dict[str, Any]:
        return _meta(self._told(model))

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
        return self.of_models[metric.parts[0].model][name]

    def _metric(self, told: dict[str, dict[str, Any]], name: str) -> Metric:
        metric, meta = told[name], _meta(told[name])
        opening = set(meta.get("opening", []))
        named = _parts(metric) or (name,)
        parts = tuple(self._part(told[part], opening=part in opening) for part in named)
        known = [self.of_models[part.model] for part in parts]
        return Metric(
            name=name,
            label=metric["label"] or name.replace("_", " ").capitalize(),
            description=metric["description"] or "",
            unit=meta["unit"],
            better=meta.get("better", "up"),
            owner=str(meta.get("owner", "")),
            synonyms=tuple(meta.get("synonyms", ())),
            kind=metric["type"],
            parts=parts,
            formula=_formula(metric, parts),
            default_time=self._home(_measure(told[named[0]]))[1],
            dimensions=tuple(one for one in known[0] if all(one in of_model for of_model in known[1:])),
            internal=bool(meta.get("internal")),
            privacy=_privacy(meta),
            is_own=bool(meta.get("is_own")),
            definition=self._definition(metric, [told[part] for part in named]),
        )

    def _part(self, told: dict[str, Any], *, opening: bool) -> Part:
        model, _ = self._home(_measure(told))
        timing = Timing(_meta(model).get("timing", Timing.FLOW))
        [measure] = [one for one in model["measures"] if one["name"] == _measure(told)]
        adds_up = measure["agg"] not in {"median", "percentile", "average", "min", "max"}
        return Part(
            name=told["name"],
            model=_alias(model),
            timing=timing,
            opening=opening,
            is_whole=_meta(told)["unit"] == "count",
            adds_up=adds_up,
            is_sum=measure["agg"] in {"sum", "count"},
            across=frozenset(_meta(told).get("across", ())),
        )

    def _home(self, measure: str) -> tuple[dict[str, Any], str]:
        for model in self.manifest["semantic_models"]:
            for told in model["measures"]:
                if told["name"] == measure:
                    return model, told["agg_time_dimension"] or model["defaults"]["agg_time_dimension"]
        raise Unknown(f"No semantic model has the measure {measure!r}.")

    def _definition(self, metric: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
        """What decides the metric's value: its own logic, its parts and the measures and expressions under them."""
        measures = {_measure(part) for part in parts}
        homes = {_alias(model): model for model, _ in map(self._home, sorted(measures))}
        return {
            "metric": _logic(metric),
            "opening": sorted(_meta(metric).get("opening", [])),
            "across": {part["name"]: sorted(_meta(part)["across"]) for part in parts if _meta(part).get("across")},
            "parts": [_logic(part) for part in parts if part is not metric],
            "models": {
                alias: {
                    "timing": _meta(model).get("timing", Timing.FLOW),
                    "measures": [_logic(told) for told in model["measures"] if told["name"] in measures],
                    # An organization's own fields are no part of what a metric is: the query says which it uses.
                    "expressions": {
                        told["name"]: told["expr"] or told["name"]
                        for told in model["dimensions"]
                        if not _meta(told).get("is_own")
                    },
                }
                for alias, model in sorted(homes.items())
            },
        }


def _alias(model: dict[str, Any]) -> str:
    return str(model["node_relation"]["alias"])


def _primary(model: dict[str, Any]) -> str:
    """The entity under which the compiler knows the model's dimensions."""
    named = [entity["name"] for entity in model["entities"] if entity["type"] == "primary"]
    return str(named[0] if named else model["primary_entity"])


def _measure(metric: dict[str, Any]) -> str:
    return str(metric["type_params"]["measure"]["name"])


def _parts(metric: dict[str, Any]) -> tuple[str, ...]:
    params = metric["type_params"]
    if metric["type"] == "ratio":
        return params["numerator"]["name"], params["denominator"]["name"]
    return tuple(one["name"] for one in params["metrics"]) if metric["type"] == "derived" else ()


def _formula(metric: dict[str, Any], parts: tuple[Part, ...]) -> str:
    """The metric over its parts' columns."""
    if metric["type"] == "ratio":
        return " / ".join(part.column for part in parts)
    if metric["type"] == "derived":
        told = str(metric["type_params"]["expr"])
        for part in parts:
            told = re.sub(rf"\b{part.name}\b", part.column, told)
        return told
    return parts[0].column


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
