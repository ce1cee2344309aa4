"""What happened to an import's records since: changes that taking it back would lose."""

from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from warehouse.imports.kept import histories, step_histories, table_of, targets
from warehouse.imports.record import ImportRecord, chunks, read_record, undone_imports
from warehouse.oltp.base import Base


def changed_since(session: Session, record: ImportRecord) -> dict[str, int]:
    """Table → how many records are no longer at the version the import left them at."""
    left: dict[str, dict[str, int]] = {}
    for name, ids in record.inserted.items():
        if "version" in Base.metadata.tables[name].c:
            left.setdefault(name, {}).update(dict.fromkeys(ids, 1))
    for name, rows in record.previous.items():
        left.setdefault(name, {}).update({row["id"]: row["version"] + 1 for row in rows})
    found = {name: _differ(session, record, Base.metadata.tables[name], versions) for name, versions in left.items()}
    return {name: count for name, count in found.items() if count}


def _differ(session: Session, record: ImportRecord, table: Table, versions: dict[str, int]) -> int:
    differ, stepped_back = 0, _stepped_back(session, record, table.name)
    for chunk in chunks([*versions]):
        rows = session.execute(
            select(table.c.id, table.c.version).where(
                table.c.organization_id == record.organization_id, table.c.id.in_(chunk)
            )
        )
        for row in rows.mappings():
            record_id, version = row["id"], row["version"]
            for before in stepped_back.get(record_id, []):
                version = before if version == before + 2 else version
            differ += version != versions[record_id]
    return differ


def _stepped_back(session: Session, record: ImportRecord, table: str) -> dict[str, list[int]]:
    """Id → versions that later imports changed and undoing them brought back, two versions on; latest first."""
    found: dict[str, list[int]] = {}
    for import_id in undone_imports(session, record.organization_id):
        for row in read_record(session, record.organization_id, import_id).previous.get(table, []):
            found.setdefault(row["id"], []).append(row["version"])
    return {record_id: sorted(versions, reverse=True) for record_id, versions in found.items()}


def referring_since(session: Session, record: ImportRecord) -> dict[str, int]:
    """Table → how many living records and events that the import did not write name one that it made.

    Steps of a history are not counted: they change their record, and that is told by its version.
    """
    found: dict[str, int] = {}
    gone = [
        read_record(session, record.organization_id, one) for one in undone_imports(session, record.organization_id)
    ]
    for table in Base.metadata.sorted_tables:
        if "deleted_at" not in table.c and table.name not in histories() - step_histories():
            continue
        wrote = {*record.inserted.get(table.name, []), *(row["id"] for row in record.previous.get(table.name, []))}
        if "deleted_at" not in table.c:
            wrote.update(event for one in gone for event in one.inserted.get(table.name, []))
        naming: set[str] = set()
        for name, target in targets(table).items():
            for chunk in chunks(record.inserted.get(target, [])):
                naming.update(_naming(session, record, table.c[name], [*chunk]))
        if naming - wrote:
            found[table.name] = len(naming - wrote)
    return found


def remaining(session: Session, record: ImportRecord) -> set[str]:
    """Ids of the history rows an import made that stay when it is taken back: nothing they name goes with it."""
    stay: set[str] = set()
    for name in sorted(histories() & set(record.inserted)):
        table, gone = table_of(name), set[str]()
        for column, target in targets(table).items():
            for chunk in chunks(record.inserted.get(target, [])):
                named = (table.c.organization_id == record.organization_id, table.c[column].in_(chunk))
                gone.update(session.scalars(select(table.c.id).where(*named)))
        stay |= {*record.inserted[name]} - gone
    return stay


def _naming(session: Session, record: ImportRecord, column: Column[Any], ids: list[str]) -> list[str]:
    table = column.table
    living = [table.c.deleted_at.is_(None)] if "deleted_at" in table.c else []
    mine = table.c.organization_id == record.organization_id
    return list(session.scalars(select(table.c.id).where(mine, column.in_(ids), *living)))
