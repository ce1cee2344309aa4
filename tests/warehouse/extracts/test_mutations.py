"""Statements nobody wrote: pieces of hostile and benign ones in each other. What passes reads what it may."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.extracts.benign import BENIGN
from tests.warehouse.extracts.bypasses import BYPASSES
from tests.warehouse.extracts.hostile import HOSTILE
from warehouse.extracts.guard import Refused, check
from warehouse.extracts.process import Limits, QueryFailed, Reader, TooSlow

TABLES = ["deals", "customers"]
PIECES = re.compile(r"\w+|\s+|'[^']*'|\"[^\"]*\"|.", re.DOTALL)
HIDDEN = "only-for-others"
OpenReader = Callable[..., Reader]


def mutants(seed: int) -> Iterator[str]:
    """Crossings of two statements, some with the hidden table in the place of an allowed one, without end."""
    chance = random.Random(seed)
    attacks = [sql for kinds in (HOSTILE, BYPASSES) for family in kinds.values() for sql in family if len(sql) < 400]
    questions = [sql for sql in BENIGN if len(sql) < 400]
    while True:
        one, other = (PIECES.findall(chance.choice(chance.choice([attacks, questions]))) for _ in "ab")
        at, (start, end) = chance.randint(0, len(one)), sorted(chance.randint(0, len(other)) for _ in "ab")
        rest = one[at:] if chance.random() < 0.5 else one[at + 1 :]
        mixed = [*one[:at], *other[start:end], *rest]
        yield "".join("people" if piece in TABLES and chance.random() < 0.1 else piece for piece in mixed)


def looked_for(engine: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables that the engine itself would look for: a second opinion, where it has one."""
    with suppress(duckdb.Error):
        return {name.lower() for name in engine.get_table_names(sql)}
    return set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_mixture_that_passes_never_reads_a_hidden_table(
    seed: int, acme: Path, tmp_path: Path, open_reader: OpenReader
) -> None:
    path = tmp_path / "acme.duckdb"
    path.write_bytes(acme.read_bytes())
    with duckdb.connect(path) as connection:
        connection.execute(f"create table people as select '{HIDDEN}' as name, '{HIDDEN}' as stage, 1 as deal_id")
    reader, answered, engine = open_reader(path, Limits(seconds=0.3, rows=100)), 0, duckdb.connect()
    for sql in islice(mutants(seed), 8_000):
        try:
            assert looked_for(engine, check(sql, TABLES)) <= set(TABLES), sql
            assert HIDDEN not in str(reader.query(sql, tables=TABLES).rows), sql
        except (Refused, QueryFailed, TooSlow):
            continue
        answered += 1
    engine.close()
    assert answered > 100
    assert reader.query("select name from customers", tables=TABLES).rows == [("acme customer",)]
