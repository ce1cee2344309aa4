"""Everything needed to answer from one extract: its definitions, its compiler, its reader."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from warehouse.extracts.builds import definitions_folder, extracts_of
from warehouse.extracts.definitions import Model, read_models
from warehouse.extracts.own_fields import TABLE as OWN_TABLE
from warehouse.extracts.own_fields import OwnColumn, OwnField
from warehouse.extracts.process import ExtractUnreadable, Limits, Reader, Readers
from warehouse.extracts.publish import Provenance
from warehouse.metrics.calendar import DATES
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.compiler import Compiler
from warehouse.metrics.literals import day
from warehouse.metrics.own import defined_metrics, metrics_of, with_own_metrics
from warehouse.metrics.question import Question
from warehouse.own_metrics import OwnMetric
from warehouse.settings import settings
from warehouse.tenancy import Actor


class NoExtract(Exception):
    """The organization has nothing to answer from yet."""


@lru_cache(maxsize=4)
def catalogue_of(definitions: str) -> Catalogue:
    """The metrics of one state of the definitions."""
    return Catalogue.read(definitions_folder(definitions))


@lru_cache(maxsize=64)
def catalogue_for(
    definitions: str, own: tuple[OwnColumn, ...], hidden: frozenset[str], metrics: tuple[OwnMetric, ...] = ()
) -> Catalogue:
    """The same with an organization's own fields and numbers, for somebody who does not see columns with these tags."""
    return with_own_metrics(catalogue_of(definitions).with_own(own), metrics).without(hidden)


@lru_cache(maxsize=16)
def compiler_of(definitions: str, own: tuple[OwnColumn, ...] = (), metrics: tuple[OwnMetric, ...] = ()) -> Compiler:
    """The compiler over one state of the definitions and an organization's own fields and numbers."""
    return Compiler(catalogue_for(definitions, own, frozenset(), metrics).manifest)


@lru_cache(maxsize=1)
def readers() -> Readers:
    """The pool of worker processes of this process."""
    current = settings()
    return Readers(most=current.readers, limits=Limits(seconds=current.query_seconds, memory=current.query_memory))


@dataclass(frozen=True)
class Serving:
    """One extract, ready to be asked."""

    path: Path
    provenance: Provenance
    reader: Reader
    own: tuple[OwnColumn, ...] = ()
    """Its columns that are fields the organization added."""
    metrics: tuple[OwnMetric, ...] = ()
    """Numbers the organization defined."""
    hidden: frozenset[str] = frozenset()
    """Tags of the columns that whoever asks does not see."""

    @property
    def catalogue(self) -> Catalogue:
        """Its metrics and dimensions, as far as whoever asks may know them."""
        return catalogue_for(self.provenance.definitions, self.own, self.hidden, self.metrics)

    @property
    def compiler(self) -> Compiler:
        """Its compiler."""
        return compiler_of(self.provenance.definitions, self.own, self.metrics)

    @property
    def models(self) -> Mapping[str, Model]:
        """Its tables."""
        return read_models(self.provenance.definitions)

    def must_know(self, metric: OwnMetric) -> None:
        """Raise Unknown, with the nearest names, where whoever asks cannot define this number: see `metrics_of`."""
        metrics_of(catalogue_for(self.provenance.definitions, self.own, self.hidden), metric)

    def tables(self) -> frozenset[str]:
        """The tables that whoever asks may read: those without a column they do not see.

        Names of people are in tables of their own, and so are quotas.
        """
        return frozenset(
            name
            for name, model in self.models.items()
            if name != "build_watermark" and not self.hidden.intersection(model.privacy.values())
        )

    def open_tables(self) -> frozenset[str]:
        """The tables that whoever asks may read freely, column by column: also without a covered field of their own."""
        covered = {one.model for one in self.own if one.field.privacy in self.hidden}
        return self.tables() - covered

    def views(self, question: Question, days: str) -> dict[str, str]:
        """Tables restated as of the question's day: only those in which something happened after it; those made for
        `days`, a query with one column, `day`; and the table of days, where the organization cuts time in its own way.
        """
        as_of = question.as_of
        latest = json.loads(self.provenance.latest_days)
        restated = {
            name: model.as_of.replace("{as_of}", day(as_of))
            for name, model in self.models.items()
            if model.as_of and latest.get(name) and date.fromisoformat(latest[name]) > as_of
        }
        made = {name: model.of_days.replace("{days}", days) for name, model in self.models.items() if model.of_days}
        own = {DATES: question.calendar.days()} if question.calendar.matters_to(question.grain) else {}
        return restated | made | own


@lru_cache(maxsize=256)
def _provenance(path: Path) -> Provenance:
    found = readers().get(path).query('select * from main."_extract"', tables={"_extract"})
    return Provenance(**found.records()[0])  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _own(path: Path) -> tuple[OwnColumn, ...]:
    return own_columns(readers().get(path))


def own_columns(reader: Reader) -> tuple[OwnColumn, ...]:
    """Which columns of an extract are fields that its organization added."""
    found = reader.query(f'select * from main."{OWN_TABLE}"', tables={OWN_TABLE})
    return tuple(OwnColumn(str(model), OwnField(*map(str, field))) for model, *field in found.rows)


DEALS = "fct_opportunities"


def last_event(opened: Serving) -> date | None:
    """The last day anything happened to a deal, or, where there is no deal, to anything else; None before that."""
    days = json.loads(opened.provenance.latest_days)
    told = days.get(DEALS) or max(filter(None, days.values()), default=None)
    return date.fromisoformat(told) if told else None


def serving_as(actor: Actor) -> Serving:
    """The latest readable extract of the actor's organization, with what the actor may know of it.

    Raises Forbidden, NoExtract or ExtractUnreadable.
    """
    actor.must("insights:read")
    return replace(serving(actor.organization_id), hidden=actor.hidden)


def serving(organization_id: str) -> Serving:
    """The organization's latest readable extract. Raises NoExtract, or ExtractUnreadable when none can be read."""
    made = extracts_of(organization_id)
    if not made:
        raise NoExtract(
            "There are no numbers for this organization yet: its data has not been built, or its checks hold it back. "
            "Run `longhouse refresh`."
        )
    for path in made:
        try:
            return Serving(
                path, _provenance(path), readers().get(path), _own(path), metrics=defined_metrics(organization_id)
            )
        except ExtractUnreadable:
            # Out of the way, so that the next refresh knows that this organization needs a new one.
            path.rename(path.with_suffix(".damaged"))
    raise ExtractUnreadable(
        "The file with this organization's numbers is damaged; it was put aside. Run `longhouse refresh` to make a new one."
    )
