"""Two organizations, each with an extract of its own, and readers that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.extracts.process import Limits, Reader

BUILD = """
    create table deals as
    select
        i as deal_id,
        (i * 1.25)::decimal(14, 2) as amount,
        date '2026-01-01' + (i % 300)::integer as closed_on,
        case when i % 2 = 0 then 'won' else 'lost' end as stage
    from range(1000) numbers (i);
    create table customers as select '{owner} customer' as name, 'ana@{owner}.example' as email;
    create view won_deals as select * from deals where stage = 'won';
"""


def build_extract(folder: Path, owner: str) -> Path:
    path = folder / f"{owner}.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(BUILD.format(owner=owner))
    return path


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_extract(tmp_path_factory.mktemp("acme"), "acme")


@pytest.fixture(scope="session")
def globex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_extract(tmp_path_factory.mktemp("globex"), "globex")


@pytest.fixture(scope="module")
def reader(acme: Path) -> Iterator[Reader]:
    opened = Reader(acme)
    yield opened
    opened.close()


@pytest.fixture
def open_reader() -> Iterator[Callable[[Path], Reader]]:
    opened: list[Reader] = []

    def start(path: Path, limits: Limits | None = None) -> Reader:
        opened.append(Reader(path, limits or Limits()))
        return opened[-1]

    yield start
    for one in opened:
        one.close()
