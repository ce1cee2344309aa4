"""Receipts: what stands behind an answer, written once under a digest of what was asked of what."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.extracts.builds import definitions_folder
from warehouse.extracts.own_fields import OwnColumn, OwnField
from warehouse.metrics.answer import Answer, Line, Plan
from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.serving import Serving, catalogue_for
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.oltp.organization import CheckResult, Receipt
from warehouse.own_metrics import OwnMetric
from warehouse.tenancy import Actor

FORMAT = 1
ALGORITHM = "md5-64 of length-prefixed columns, summed"
MOST_STORED = 1_000


class ReceiptUnknown(Exception):
    """No receipt has this id."""


@dataclass(frozen=True)
class Stored:
    """A receipt as it lies in the operational store."""

    id: str
    organization_id: str
    build_id: str
    snapshot_id: int
    body: str
    body_sha256: str
    created_at: datetime


def canonical(content: object) -> str:
    """The one way to write a content as JSON."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def sha256(text: str) -> str:
    """Hex digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def receipt_id(organization_id: str, question: dict[str, Any], definitions: dict[str, Any], build_id: str) -> str:
    """A digest of organization, canonical query, definitions and build: the same question of the same build, the same receipt."""
    return sha256(canonical([organization_id, question, definitions, build_id]))[:32]


def lines_digest(lines: list[Line]) -> str:
    """One digest over every value of an answer, for answers too long to keep."""
    return sha256(canonical(sorted(canonical(line.stored()) for line in lines)))


def write_receipt(actor: Actor, answer: Answer) -> str:
    """Keep what stands behind an answer; its id. Asked again, the first one stays."""
    serving, plan = answer.serving, answer.plan
    metrics = [serving.catalogue.metric(name) for name in plan.question.asked_of]
    definitions = {metric.name: metric.definition for metric in metrics}
    identity = receipt_id(actor.organization_id, plan.question.canonical(), definitions, serving.provenance.build_id)
    with reading_as(actor) as session:
        if session.get(Receipt, identity) is not None:
            return identity
        checks = _checks(session, actor.organization_id, serving, metrics)
    body = canonical(_body(actor, serving, plan, metrics, definitions, answer.lines, checks))
    with writing_as(actor) as session:
        if session.get(Receipt, identity) is None:
            session.add(
                Receipt(
                    id=identity,
                    organization_id=actor.organization_id,
                    created_at=datetime.now(UTC),
                    build_id=serving.provenance.build_id,
                    snapshot_id=serving.provenance.snapshot_id,
                    body=body,
                    body_sha256=sha256(body),
                )
            )
    return identity


def keep_receipt(actor: Actor, receipt: str) -> None:
    """Keep what a receipt needs to be verified for ever: somebody was told its number."""
    with writing_as(actor) as session:
        session.get_one(Receipt, receipt).kept = True


def read_receipt(session: Session, told: str, organization_id: str | None = None) -> Stored:
    """By id or by its first characters; within one organization where it is given. Raises ReceiptUnknown."""
    query = select(Receipt).where(Receipt.id.startswith(told.strip().lower(), autoescape=True)).limit(2)
    if organization_id is not None:
        query = query.where(Receipt.organization_id == organization_id)
    found = list(session.execute(query).scalars())
    if len(told.strip()) < 6 or len(found) != 1:
        why = "several begin so; give more of it" if len(found) > 1 else "check the id"
        raise ReceiptUnknown(f"There is no receipt {told!r}: {why}.")
    row = found[0]
    return Stored(row.id, row.organization_id, row.build_id, row.snapshot_id, row.body, row.body_sha256, row.created_at)


def catalogue_of_receipt(body: dict[str, Any], hidden: frozenset[str]) -> Catalogue:
    """The words of a receipt's text, as far as somebody who does not see columns with these tags may know them."""
    own = tuple(OwnColumn(one["model"], OwnField(**one["field"])) for one in body.get("own_fields", []))
    return catalogue_for(body["build"]["definitions"], own, hidden, own_metrics_of_receipt(body))


def own_metrics_of_receipt(body: dict[str, Any]) -> tuple[OwnMetric, ...]:
    """Those of the organization's own numbers that a receipt is of, as they were then."""
    return tuple(OwnMetric.model_validate(one) for one in body.get("own_metrics", []))


def _own_asked(serving: Serving, plan: Plan, metrics: list[Metric]) -> list[OwnColumn]:
    """Those of the organization's own fields that the question speaks of, or a number of its own stands on."""
    named = {metric.name for metric in metrics}
    narrowed = {
        field for one in serving.metrics if one.name in named for given in one.inputs.values() for field in given.where
    }
    asked = {*plan.question.by, *plan.question.restricted_by, *narrowed}
    return [one for one in serving.own if one.field.name in asked]


def manifest_sha256(definitions: str) -> str:
    """Digest of the semantic manifest as it lies in the data folder."""
    path: Path = definitions_folder(definitions) / "semantic_manifest.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _checks(session: Session, organization_id: str, serving: Serving, metrics: list[Metric]) -> list[dict[str, Any]]:
    """The checks that guard the models behind the metrics, with their last result in this build."""
    guarding = {name for metric in metrics for model in metric.models for name in serving.models[model].tests}
    rows = session.execute(
        select(CheckResult).where(
            CheckResult.build_id == serving.provenance.build_id,
            (CheckResult.organization_id == organization_id) | CheckResult.organization_id.is_(None),
            CheckResult.check_name.in_(guarding),
        )
    ).scalars()
    return [
        {"name": row.check_name, "passed": row.passed, "rows_failing": row.rows_failing, "checked_at": row.checked_at}
        for row in sorted(rows, key=lambda row: row.check_name)
    ]


def _body(
    actor: Actor,
    serving: Serving,
    plan: Plan,
    metrics: list[Metric],
    definitions: dict[str, Any],
    lines: list[Line],
    checks: list[dict[str, Any]],
) -> dict[str, Any]:
    models = {name: serving.models[name] for metric in metrics for name in metric.models}
    return {
        "format": FORMAT,
        "organization_id": actor.organization_id,
        "question": plan.question.canonical(),
        "descriptions": {metric.name: metric.description for metric in metrics},
        "definitions": definitions,
        "own_fields": [asdict(one) for one in _own_asked(serving, plan, metrics)],
        "own_metrics": [one.model_dump(mode="json") for one in serving.metrics if one.name in definitions],
        "semantic_manifest_sha256": manifest_sha256(serving.provenance.definitions),
        "sql": plan.sql,
        "views": plan.views,
        "models": {name: {"schema": m.schema, "upstream": m.upstream} for name, m in models.items()},
        "build": asdict(serving.provenance),
        "fingerprint_algorithm": ALGORITHM,
        "lines": [line.stored() for line in lines] if len(lines) <= MOST_STORED else None,
        "lines_sha256": lines_digest(lines),
        "checks": checks,
    }
