"""Every kind of record is declared once, and what is declared exists."""

import pytest

from apps.ui.kinds import KINDS, Kind, Place
from apps.ui.rooms import ROOMS
from warehouse.operations.describing import named, shown_fields
from warehouse.operations.narrowing import FILTERED
from warehouse.operations.records import RECORDS, is_history, room_of, table_named, target_of
from warehouse.operations.rooms import KEPT

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.table)


def test_every_kept_table_has_a_screen() -> None:
    assert set(RECORDS) <= set(KINDS)
    assert set(KEPT) <= set(KINDS)


def test_every_history_hangs_on_a_record() -> None:
    shown = {part.table for kind in KINDS.values() for part in (*kind.parts, *([kind.history] if kind.history else []))}
    tables = {one.name for one in table_named("customers").metadata.sorted_tables}
    of_deals = {"opportunity_stage_changes", "opportunity_close_date_changes"}  # the deal's own screen has them
    histories = {one for one in tables if is_history(one)} - of_deals
    assert histories <= shown


def test_every_part_is_reached_from_what_it_is_a_part_of() -> None:
    for table, kept in RECORDS.items():
        if kept.parent and table != "opportunity_line_items":
            whole = target_of(table_named(table).c[kept.parent])
            assert whole is not None
            assert (table, kept.parent) in {(one.table, one.column) for one in KINDS[whole].parts}


@EVERY
def test_what_a_kind_shows_exists(kind: Kind) -> None:
    fields = shown_fields(kind.table)
    assert len(named(fields, kind.columns)) == len(kind.columns)
    filters = named(fields, kind.filters)
    assert len(filters) == len(kind.filters)
    assert all(one.shape in FILTERED for one in filters)
    assert kind.told.endswith(".")
    for part in kind.parts:
        assert target_of(table_named(part.table).c[part.column]) == kind.table
        assert part.label or part.table in KINDS


def test_every_address_is_one_screens() -> None:
    paths = [screen.path for screens in ROOMS.values() for screen in screens]
    assert len(paths) == len(set(paths))


def test_what_belongs_into_the_menu_is_there_and_every_set_up_has_its_entry() -> None:
    paths = {screen.path for screens in ROOMS.values() for screen in screens}
    for kind in KINDS.values():
        if kind.place is Place.MENU:
            assert kind.path in paths
        elif kind.place is Place.SET_UP:
            assert f"{room_of(kind.table)}-set-up" in paths
