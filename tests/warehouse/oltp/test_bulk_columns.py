"""A large load borrows room from the connection and gives it back, however it ends."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from warehouse.oltp.bulk_columns import loading
from warehouse.oltp.engine import writing
from warehouse.oltp.projection import copied_tables

pytestmark = pytest.mark.embedded


class _CutOff(Exception):
    pass


def _settings(session: Session) -> list[int]:
    asked = ("pragma cache_size", "pragma threads", "select count(*) from sqlite_master where type = 'index'")
    return [int(session.connection().exec_driver_sql(one).scalar_one()) for one in asked]


@pytest.mark.parametrize("fails", [False, True])
def test_a_load_leaves_its_connection_as_it_was(store: Path, fails: bool) -> None:
    with writing() as session:
        before, held = _settings(session), session.connection().connection.driver_connection
    try:
        with writing() as session, loading(session, copied_tables()):
            assert session.connection().connection.driver_connection is held
            assert all(inside != outside for inside, outside in zip(_settings(session), before, strict=True))
            if fails:
                raise _CutOff
    except _CutOff:
        assert fails
    with writing() as session:
        assert session.connection().connection.driver_connection is held
        assert _settings(session) == before
