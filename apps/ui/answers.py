"""Asks the metrics through a cache that knows the organization and the build."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from warehouse.extracts.publish import Provenance
from warehouse.metrics.answer import Answer, Cell, Line, answer, plan, records_behind
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.names import words_for
from warehouse.metrics.periods import Opening, opening
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import canonical, write_receipt
from warehouse.metrics.serving import Serving, serving
from warehouse.settings import settings
from warehouse.tenancy import Actor

ENTRIES, BYTES = 4_000, 64_000_000
FACTS = "fct_opportunities"


@dataclass(frozen=True)
class Shown:
    """An answer as a screen shows it, with the receipt that stands behind it."""

    question: Question
    metrics: tuple[Metric, ...]
    rows: list[dict[str, Any]]
    lines: list[Line]
    receipt: str
    provenance: Provenance

    def only(self, metric: str) -> Cell:
        """The single cell of an ungrouped answer."""
        return self.lines[0].cells[metric]

    def metric(self, name: str) -> Metric:
        """One of its metrics, by name."""
        return next(metric for metric in self.metrics if metric.name == name)


def ask(actor: Actor, question: Question) -> Shown:
    """Answer a question and keep its receipt; the same question of the same build is answered once."""
    opened = _open(actor)
    return _asked(actor.organization_id, str(opened.path), canonical(question.canonical()), actor, opened, question)


def sketch(actor: Actor, question: Question) -> list[Line]:
    """Answer a question that only draws a line in the background: nothing of it is written, nothing kept."""
    opened = _open(actor)
    return _sketched(actor.organization_id, str(opened.path), canonical(question.canonical()), opened, question)


def records(actor: Actor, question: Question, metric: str, limit: int) -> list[str]:
    """Ids of the records behind a question's metric."""
    opened = _open(actor)
    told = canonical(question.canonical())
    return _records(actor.organization_id, str(opened.path), told, metric, limit, opened, question)


def choices(actor: Actor, dimension: str, as_of: date) -> list[str]:
    """The words a dimension can be filtered by, sorted."""
    opened = _open(actor)
    question = Question(metrics=("deal_count",), by=(dimension,), order=dimension, as_of=as_of)
    return _choices(actor.organization_id, str(opened.path), dimension, as_of, opened, question)


def names(actor: Actor, dimension: str, ids: tuple[str | None, ...]) -> list[str]:
    """What people call the values of a filter."""
    opened = _open(actor)
    told = opened.catalogue.dimensions[dimension]
    words = words_for(opened, told, ids) if told.names else {}
    return ["unknown" if one is None else str(words.get(one) or one) for one in ids]


def metric(actor: Actor, name: str) -> Metric:
    """A metric as this organization's numbers define it."""
    return _open(actor).catalogue.metric(name)


def latest_day(actor: Actor) -> date | None:
    """The last day anything happened to a deal; None before there is one."""
    told = json.loads(_open(actor).provenance.latest_days).get(FACTS)
    return date.fromisoformat(told) if told else None


def opens_on(actor: Actor) -> Opening:
    """Which day a screen counts from."""
    return opening(settings().today(), latest_day(actor))


def _open(actor: Actor) -> Serving:
    actor.must("insights:read")
    return serving(actor.organization_id)


@st.cache_data(max_entries=ENTRIES, max_size=BYTES, show_spinner=False)
def _asked(
    organization_id: str, extract: str, told: str, _actor: Actor, _serving: Serving, _question: Question
) -> Shown:
    found: Answer = answer(_serving, _question)
    metrics = tuple(_serving.catalogue.metric(name) for name in _question.metrics)
    receipt = write_receipt(_actor, found)
    return Shown(_question, metrics, found.rows, found.lines, receipt, _serving.provenance)


@st.cache_data(max_entries=ENTRIES, max_size=BYTES, show_spinner=False)
def _sketched(organization_id: str, extract: str, told: str, _serving: Serving, _question: Question) -> list[Line]:
    return answer(_serving, _question).lines


@st.cache_data(max_entries=ENTRIES, max_size=BYTES, show_spinner=False)
def _records(
    organization_id: str,
    extract: str,
    told: str,
    metric: str,
    limit: int,
    _serving: Serving,
    _question: Question,
) -> list[str]:
    return records_behind(_serving, plan(_serving, _question), _serving.catalogue.metric(metric), limit)


@st.cache_data(max_entries=ENTRIES, max_size=BYTES, show_spinner=False)
def _choices(
    organization_id: str, extract: str, dimension: str, as_of: date, _serving: Serving, _question: Question
) -> list[str]:
    found = answer(_serving, _question).rows
    return sorted({str(row[dimension]) for row in found if row[dimension] is not None}, key=str.casefold)


def stored_value(cell: dict[str, Any]) -> int | Decimal | None:
    """A receipt's value as it was: counts are whole, everything else is exact text."""
    value = cell["value"]
    return Decimal(value) if isinstance(value, str) else value


def moment(told: str) -> datetime:
    """A build's time."""
    return datetime.fromisoformat(told)
