"""The tables of the operational store that numbers are made from, as people read of them."""

from dataclasses import dataclass
from functools import cache

from warehouse.oltp.base import Base
from warehouse.oltp.projection import copied_tables, lake_type


@dataclass(frozen=True)
class Column:
    """One column of a table, of the store or of the business model."""

    name: str
    type: str
    description: str
    privacy: str = "business"
    """`business`, `personal` or `restricted`."""


@dataclass(frozen=True)
class StoreTable:
    """One table of the operational store."""

    name: str
    room: str
    description: str
    columns: tuple[Column, ...]


@cache
def described_store() -> tuple[StoreTable, ...]:
    """Every table the lake has a copy of, by name; its columns with those that never leave the store."""
    kinds = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
    return tuple(
        StoreTable(
            name=table.name,
            room=kinds[table.name].__module__.rsplit(".", 1)[-1].split("_")[0],
            description=(kinds[table.name].__doc__ or "").strip().splitlines()[0],
            columns=tuple(
                Column(
                    column.name,
                    lake_type(column).lower(),
                    "Found out by the platform and written back." if column.info.get("derived") else "",
                    column.info["privacy"],
                )
                for column in table.c
            ),
        )
        for table in sorted(copied_tables(), key=lambda one: one.name)
    )
