"""Remakes a receipt's value from the lake as it was, and names every difference."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warehouse.extracts.builds import Build, definitions_folder
from warehouse.extracts.definitions import Model, project_digest, read_models
from warehouse.extracts.own_fields import OwnColumn, OwnField
from warehouse.extracts.process import ExtractUnreadable, Limits, QueryFailed, Reader
from warehouse.extracts.publish import write_extract
from warehouse.lake.connection import Lake, LakeMissing, LakeUnreadable, SnapshotGone, open_lake
from warehouse.metrics.answer import Line, Plan, run
from warehouse.metrics.catalogue import Catalogue
from warehouse.metrics.own import with_own_metrics
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import (
    Stored,
    lines_digest,
    manifest_sha256,
    own_metrics_of_receipt,
    receipt_id,
    sha256,
)
from warehouse.metrics.serving import own_columns

Finding = tuple[str, str]
"""What kind of thing is wrong, and the sentence that names it."""


@dataclass
class Verification:
    """What verifying one receipt found; nothing found means it holds."""

    receipt: str
    question: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Same value, same rows, same definition, nothing altered."""
        return not self.findings


def verify(stored: Stored) -> Verification:
    """Check the receipt itself, its definitions, the lake's rows, and the value remade from them."""
    result = Verification(stored.id)
    if sha256(stored.body) != stored.body_sha256:
        result.findings.append(("receipt altered", "The receipt's stored text is not the one that was written."))
    try:
        body = json.loads(stored.body)
        result.question, result.lines = body["question"], body["lines"] or []
    except (json.JSONDecodeError, KeyError, TypeError):
        result.findings.append(("receipt altered", "The receipt's stored text can no longer be read."))
        return result
    result.findings += _receipt_findings(stored, body)
    if not result.findings:
        result.findings += _definition_findings(body)
        result.findings += _lake_findings(body)
    return result


def _receipt_findings(stored: Stored, body: dict[str, Any]) -> Iterator[Finding]:
    """The receipt's own columns against its text."""
    build = body["build"]
    expected = receipt_id(body["organization_id"], body["question"], body["definitions"], build["build_id"])
    told = (stored.id, stored.organization_id, stored.build_id, stored.snapshot_id)
    if told != (expected, body["organization_id"], build["build_id"], build["snapshot_id"]):
        yield (
            "receipt altered",
            "The receipt's id, organization, build or snapshot is not the one its text was written for.",
        )


def _definition_findings(body: dict[str, Any]) -> Iterator[Finding]:
    """The definitions the data folder keeps for the build, and today's, against the receipt's."""
    digest = body["build"]["definitions"]
    try:
        kept = _with_own(Catalogue.read(definitions_folder(digest)), body)
        altered = manifest_sha256(digest) != body["semantic_manifest_sha256"]
    except (OSError, json.JSONDecodeError, KeyError):
        yield "definition changed", f"The definitions of this build ({digest}) are missing or unreadable."
        return
    named = list(_changed_definitions(kept, body, f"in the definitions kept for its build ({digest})"))
    yield from named
    if altered and not named:
        yield (
            "definition changed",
            f"The definitions kept for this build ({digest}) were altered, in no metric of this receipt.",
        )
    today = project_digest()
    if today != digest and (definitions_folder(today) / "semantic_manifest.json").exists():
        yield from _changed_definitions(
            _with_own(Catalogue.read(definitions_folder(today)), body), body, "since, in the project"
        )


def _with_own(catalogue: Catalogue, body: dict[str, Any]) -> Catalogue:
    """With the fields and numbers of its own that the receipt speaks of."""
    fields = [OwnColumn(one["model"], OwnField(**one["field"])) for one in body.get("own_fields", [])]
    return with_own_metrics(catalogue.with_own(fields), own_metrics_of_receipt(body))


def _changed_definitions(catalogue: Catalogue, body: dict[str, Any], where: str) -> Iterator[Finding]:
    for name, before in body["definitions"].items():
        try:
            now = catalogue.all_metrics[name].definition if name in catalogue.all_metrics else None
        except (KeyError, TypeError, IndexError, StopIteration):
            now = None
        if now is None:
            yield "definition changed", f"The metric {name} was removed or can no longer be read {where}."
        elif now != before:
            places = ", ".join(_places(before, now)) or "somewhere"
            yield "definition changed", f"The definition of {name} was changed {where}: {places}."


def _places(before: Any, now: Any, at: str = "") -> Iterator[str]:
    """Where two definitions differ: `metric.filter: … → …`."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            yield from _places(before.get(key), now.get(key), f"{at}.{key}" if at else str(key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for one, other in zip(before, now, strict=True):
            yield from _places(one, other, at)
    elif before != now:
        yield f"{at}: {before!r} → {now!r}"


def _lake_findings(body: dict[str, Any]) -> Iterator[Finding]:
    """The rows of the snapshot against their own fingerprints, and the value remade from them."""
    build = body["build"]
    try:
        with open_lake(snapshot=build["snapshot_id"]) as lake:
            found = list(_file_findings(lake, body))
            for name in sorted(body["models"]):
                found += _row_findings(lake, body, name)
            yield from found
            if not any(kind == "unreadable file" for kind, _ in found):
                yield from _value_findings(lake, body, found)
    except (SnapshotGone, LakeMissing) as gone:
        yield "thinned", f"{gone} The receipt's own figures stand, but cannot be remade."
    except LakeUnreadable as broken:
        yield "unreadable file", str(broken)


def _file_findings(lake: Lake, body: dict[str, Any]) -> Iterator[Finding]:
    """Every file of every table behind the value: there, and of the size the catalog remembers."""
    tables = {(model["schema"], name) for name, model in body["models"].items()}
    for upstream in {key for model in body["models"].values() for key in model["upstream"]}:
        kind, *_, name = upstream.split(".")
        tables.add(("raw" if kind == "source" else "core", name))
    for schema, table in sorted(tables):
        for path, size in lake.files(schema, table):
            actual = path.stat().st_size if path.exists() else None
            if actual != size:
                told = "is missing" if actual is None else f"has {actual:,} bytes, the catalog says {size:,}"
                yield "file altered", f"The file {path.name} of {schema}.{table} {told}."


def _row_findings(lake: Lake, body: dict[str, Any], name: str) -> Iterator[Finding]:
    """Rows whose columns no longer give the fingerprint that was computed when they were built."""
    model = read_models(body["build"]["definitions"])[name]
    try:
        rows = _changed_rows(lake, model, f"lake.{model.schema}.{name}", body["organization_id"])
    except LakeUnreadable as broken:
        yield "unreadable file", f"The rows of {model.schema}.{name} cannot be read. {broken}"
        rows = _rows_of_altered_files(lake, model, body["organization_id"])
    if rows:
        some = ", ".join(rows[:5]) + (" …" if len(rows) > 5 else "")
        yield "row changed", f"Rows of {name} do not match their fingerprints: {model.columns[0]} {some}."


def _changed_rows(lake: Lake, model: Model, source: str, organization_id: str) -> list[str]:
    columns = [column for column in model.columns if column != "row_fingerprint"]
    rows = lake.run(
        f"select {columns[0]}::varchar from {source} "
        f"where organization_id = ? and row_fingerprint is distinct from {fingerprint_sql(columns)} limit 6",
        [organization_id],
    )
    return [str(key) for (key,) in rows]


def _rows_of_altered_files(lake: Lake, model: Model, organization_id: str) -> list[str]:
    """A rewritten file no longer fits the catalog, but read by itself it may still tell which rows are not as built."""
    found: list[str] = []
    for path, _ in lake.files(model.schema, model.name):
        with suppress(LakeUnreadable):
            quoted = str(path).replace("'", "''")
            found += _changed_rows(lake, model, f"read_parquet('{quoted}')", organization_id)
    return found


def fingerprint_sql(columns: list[str]) -> str:
    """The fingerprint of a row, as the build's macro writes it."""
    parts = ", ".join(f"coalesce(strlen({c}::varchar)::varchar || ':' || {c}::varchar, '~')" for c in columns)
    return f"(md5_number(concat({parts})) >> 64)::ubigint"


def _value_findings(lake: Lake, body: dict[str, Any], found: list[Finding]) -> Iterator[Finding]:
    """The same SQL on an extract remade by the same publish code."""
    build = body["build"]
    record = Build(
        build["build_id"],
        build["snapshot_id"],
        build["watermark"],
        build["definitions"],
        build["git_commit"],
        build["built_at"],
    )
    question = Question(**body["question"])
    try:
        catalogue = Catalogue.read(definitions_folder(build["definitions"]))
        with tempfile.TemporaryDirectory(prefix="longhouse-verify-") as folder:
            path = Path(folder) / "remade.duckdb"
            write_extract(lake, record, body["organization_id"], path, people=None)
            reader = Reader(path, Limits(seconds=120))
            try:
                tables = frozenset(read_models(build["definitions"]))
                known = with_own_metrics(catalogue.with_own(own_columns(reader)), own_metrics_of_receipt(body))
                lines = run(reader, Plan(question, body["sql"], body["views"]), known, tables)
            finally:
                reader.close()
    except (ExtractUnreadable, QueryFailed, KeyError) as failure:
        yield "cannot be remade", f"The value could not be remade: {failure}"
        return
    yield from _differences(body, lines, found)


def _differences(body: dict[str, Any], lines: list[Line], known: list[Finding]) -> Iterator[Finding]:
    if lines_digest(lines) == body["lines_sha256"]:
        return
    why = (
        "because rows changed"
        if any(kind in {"row changed", "file altered"} for kind, _ in known)
        else "for no reason found"
    )
    before = {json.dumps(line["keys"], sort_keys=True): line["cells"] for line in body["lines"] or []}
    after = {json.dumps(line.keys, sort_keys=True): line.stored()["cells"] for line in lines}
    told = 0
    for keys in sorted({*before, *after}):
        if before.get(keys) != after.get(keys) and told < 5:
            told += 1
            for metric in body["definitions"]:
                was, is_now = (side.get(keys, {}).get(metric) for side in (before, after))
                if was != is_now:
                    yield (
                        "value differs",
                        f"{metric} {'' if keys == '{}' else keys} {_shown(was)} on the receipt, {_shown(is_now)} remade, {why}.",
                    )
    if not told:
        yield "value differs", f"The answer's {len(lines):,} rows are not the ones the receipt was written for, {why}."


def _shown(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return "nothing"
    return f"{cell['value']} over {cell['rows']:,} rows (fingerprint {cell['fingerprint']})"
