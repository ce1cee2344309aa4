"""Everything an organization has, as one ZIP: a CSV and a JSON per table, and its files."""

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.files.names import plain_name
from warehouse.files.places import FileGone, place
from warehouse.oltp.base import Base, OfInstallation
from warehouse.oltp.engine import writing
from warehouse.oltp.files import File
from warehouse.oltp.sealed import sealed_columns
from warehouse.operations.audit import record_export
from warehouse.spreadsheet import safe_cell
from warehouse.tenancy import Actor

AT_ONCE = 1_000


def export_organization(actor: Actor, path: Path) -> str:
    """Write the ZIP to `path`, whole or not at all, and note it in the audit; its SHA-256.

    Raises Forbidden, FilesUnreachable, StoreBusy.
    """
    actor.must("organization:delete")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    with writing() as session:
        record_export(session, actor, "organizations", "zip", personal=True)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in owned_tables():
                _write_table(session, archive, table, actor.organization_id)
            _write_files(session, archive, actor.organization_id)
    with unfinished.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256").hexdigest()
    os.replace(unfinished, path)
    return digest


def owned_tables() -> list[Table]:
    """Tables whose rows belong to organizations, parents first; the organization's own row among them."""
    installation = {str(one.local_table) for one in Base.registry.mappers if issubclass(one.class_, OfInstallation)}
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name == "organizations" or ("organization_id" in table.c and table.name not in installation)
    ]


def _write_table(session: Session, archive: zipfile.ZipFile, table: Table, organization_id: str) -> None:
    secret = {one.key for one in sealed_columns() if one.table is table}
    columns = [one for one in table.c if one.key not in secret and not one.key.endswith("token_hash")]
    names = [column.name for column in columns]
    with archive.open(f"{table.name}.csv", "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(names)
        for row in _rows(session, table, columns, organization_id):
            writer.writerow([_cell(one) for one in row])
    with archive.open(f"{table.name}.json", "w") as raw, io.TextIOWrapper(raw, "utf-8") as text:
        separator = "[\n"
        for row in _rows(session, table, columns, organization_id):
            text.write(separator + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str))
            separator = ",\n"
        text.write("[]\n" if separator == "[\n" else "\n]\n")


def _cell(value: Any) -> object:
    """What is nothing stays empty, and what has parts is JSON; no text is taken for a formula."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else safe_cell(value)


def _rows(session: Session, table: Table, columns: list[Column[Any]], organization_id: str) -> Iterator[list[Any]]:
    owner = table.c.id if table.name == "organizations" else table.c.organization_id
    keys = list(table.primary_key)
    asked = select(*columns).where(owner == organization_id).order_by(*keys)
    for row in session.execute(asked.execution_options(yield_per=AT_ONCE)):
        yield [one.value if hasattr(one, "value") else one for one in row]


def _write_files(session: Session, archive: zipfile.ZipFile, organization_id: str) -> None:
    kept = select(File).where(File.organization_id == organization_id, File.deleted_at.is_(None)).order_by(File.id)
    for file in session.scalars(kept):
        try:
            portions = place().open(organization_id, file.id)
        except FileGone:
            continue
        with archive.open(f"files/{file.id}/{plain_name(file.name)}", "w") as target:
            for portion in portions:
                target.write(portion)
