"""What happened to an import's records since: changes that taking it back would lose."""

from collections.abc import Iterator

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

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
    """Table → how many living records that the import did not write name one that it made."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        if "deleted_at" not in table.c:
            continue
        wrote = {*record.inserted.get(table.name, []), *(row["id"] for row in record.previous.get(table.name, []))}
        naming: set[str] = set()
        for column, target in _references(table):
            for chunk in chunks(record.inserted.get(target, [])):
                naming.update(_naming(session, record, table, column, [*chunk]))
        if naming - wrote:
            found[table.name] = len(naming - wrote)
    return found


def _references(table: Table) -> Iterator[tuple[Column[str], str]]:
    """Columns that name a record of the same organization, and the table it is in."""
    for constraint in table.foreign_key_constraints:
        for key in constraint.elements:
            if len(constraint.elements) == 2 and key.column.name == "id":
                yield key.parent, key.column.table.name


def _naming(session: Session, record: ImportRecord, table: Table, column: Column[str], ids: list[str]) -> list[str]:
    return list(
        session.scalars(
            select(table.c.id).where(
                table.c.organization_id == record.organization_id, table.c.deleted_at.is_(None), column.in_(ids)
            )
        )
    )
