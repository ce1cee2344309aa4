"""What every table of the generator's rooms keeps to: keys, states, lengths, nulls, and not knowing the future."""

import numpy as np
import pytest
from sqlalchemy import Enum, String, Table, UniqueConstraint

from tests.warehouse.demo.rooms import Rooms, Truth, chunks_of, company_of, rooms_of, tables_of
from warehouse.demo.choices import Preset
from warehouse.demo.columns import NO_NUMBER, evening
from warehouse.oltp.base import Base
from warehouse.oltp.veil import bare

EMPTY = {None, b"", NO_NUMBER}
FILLED_BY_THE_LOADER = {"organization_id", "change_seq", "version", "metadata"}
SLUGS = ("demo", "tidepool")


@pytest.fixture(params=SLUGS)
def rooms(request: pytest.FixtureRequest) -> Rooms:
    return rooms_of(request.param)


def _filled(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "M":
        return ~np.isnat(values)
    return np.array([value not in EMPTY for value in values.tolist()], bool)


def _tables(rooms: Rooms) -> list[tuple[Table, dict[str, np.ndarray]]]:
    return [(Base.metadata.tables[name], columns) for name, columns in rooms.tables.items()]


def test_every_table_of_the_rooms_has_rows(rooms: Rooms) -> None:
    expected = {
        "segments", "campaigns", "campaign_members", "campaign_contents", "campaign_daily_costs", "forms",
        "landing_pages", "interactions", "consents", "suppressions", "business_hours", "sla_policies", "tickets",
        "ticket_status_changes", "ticket_messages", "ticket_escalations", "satisfaction_responses", "macros",
        "knowledge_articles", "knowledge_article_versions", "knowledge_article_views", "ticket_articles",
        "applications", "application_workflows", "application_customers", "ticket_applications", "usage_events",
        "benchmarks",
    }  # fmt: skip
    assert {name for name, columns in rooms.tables.items() if len(columns["id"])} == expected


def test_columns_are_those_of_the_store_and_required_ones_are_filled(rooms: Rooms) -> None:
    for table, columns in _tables(rooms):
        assert set(columns) <= {column.name for column in table.c}, table.name
        for column in table.c:
            if column.name in columns and not column.nullable:
                assert _filled(columns[column.name]).all(), (table.name, column.name)
            elif not column.nullable and column.name not in FILLED_BY_THE_LOADER:
                assert column.default is not None, (table.name, column.name)


def test_foreign_keys_find_their_rows(rooms: Rooms) -> None:
    for table, columns in _tables(rooms):
        for constraint in table.foreign_key_constraints:
            own = constraint.column_keys[-1]
            if own in columns and own != "organization_id":
                values = set(columns[own][_filled(columns[own])].tolist())
                assert values <= rooms.parents[constraint.referred_table.name], (table.name, own)


def test_unique_keys_are_unique(rooms: Rooms) -> None:
    for table, columns in _tables(rooms):
        unique = [["id"]] + [
            [column.name for column in constraint.columns if column.name != "organization_id"]
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        ]
        for names in unique:
            rows = list(zip(*(columns[name].tolist() for name in names), strict=True))
            assert len(set(rows)) == len(rows), (table.name, names)


def test_states_are_states_and_texts_fit(rooms: Rooms) -> None:
    for table, columns in _tables(rooms):
        for name, values in columns.items():
            kind = bare(table.c[name])
            texts = {value for value in values.tolist() if isinstance(value, str)}
            if isinstance(kind, Enum):
                assert texts <= set(kind.enums), (table.name, name)
            elif isinstance(kind, String) and kind.length and values.dtype == object:
                assert all(len(text) <= kind.length for text in texts), (table.name, name)


def test_nothing_is_known_of_what_comes_after_the_last_day(rooms: Rooms) -> None:
    end = evening(rooms.company.until)
    for name, columns in rooms.tables.items():
        for column in ("created_at", "updated_at", "recorded_at"):
            if column in columns:
                assert (columns[column] < end).all(), (name, column)


def test_days_and_moments_stand_in_order(rooms: Rooms) -> None:
    for table, columns in _tables(rooms):
        for constraint in table.constraints:
            first, then = constraint.info.get("first"), constraint.info.get("then")
            if first in columns and then in columns:
                known = _filled(columns[first]) & _filled(columns[then])
                assert (columns[first][known] <= columns[then][known]).all(), (table.name, first, then)


def _same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    order, other = np.argsort(left["id"]), np.argsort(right["id"])
    return set(left) == set(right) and all(
        np.array_equal(left[name][order].astype(str), right[name][other].astype(str)) for name in left
    )


def test_how_many_customers_are_made_at_a_time_changes_nothing() -> None:
    company = company_of("demo", preset=Preset.TINY)
    whole, parts = (tables_of(chunks_of(company, Truth(None), size)) for size in (1000, 37))
    assert set(whole) == set(parts)
    assert [name for name in whole if not _same(whole[name], parts[name])] == []


def test_a_later_last_day_rewrites_no_history() -> None:
    earlier, later = (
        rooms_of("demo", until=np.datetime64(day).item(), preset=Preset.TINY) for day in ("2026-08-15", "2026-09-15")
    )
    for name, columns in earlier.tables.items():
        if "recorded_at" in columns:
            known = later.tables[name]["recorded_at"] < evening(earlier.company.until)
            # Which deal a touch came before is found out when the deal opens, so that one link may appear later.
            before = {key: values for key, values in columns.items() if key != "opportunity_id"}
            after = {key: later.tables[name][key][known] for key in before}
            assert _same(before, after), name
