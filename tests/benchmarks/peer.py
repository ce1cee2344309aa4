"""The same table taken in by dlt, in an environment of its own: it is a peer to measure beside, not something we need."""

import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build" / "dlt"
PACKAGES = ("dlt[duckdb]==1.31.*", "sqlalchemy==2.0.*", "pyarrow", "numpy")
PROGRAM = """
import sys, dlt
from dlt.sources.sql_database import sql_table
store, table, to = sys.argv[1:]
made = dlt.pipeline("bench", destination=dlt.destinations.duckdb(to), dataset_name="raw", pipelines_dir=to + ".dlt")
made.run(sql_table(f"sqlite:///{store}", table=table, backend="pyarrow", chunk_size=100_000))
"""


def seconds_to_load(store: Path, table: str) -> float | None:
    """How long dlt takes for one table of a SQLite store, its start not counted; None where it cannot be installed."""
    python = _installed()
    if python is None:
        sys.stdout.write("  dlt could not be installed: nothing to measure beside\n")
        return None
    return _run(python, store, table) - _run(python, store, "organizations")


def _installed() -> Path | None:
    python = ENVIRONMENT / "bin" / "python"
    if (ENVIRONMENT / ".ready").exists():
        return python
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    done = subprocess.run([python, "-m", "pip", "install", "-qq", *PACKAGES], check=False)
    if done.returncode:
        return None
    (ENVIRONMENT / ".ready").touch()
    return python


def _run(python: Path, store: Path, table: str) -> float:
    with tempfile.TemporaryDirectory(prefix="longhouse-dlt-") as folder:
        begun = time.perf_counter()
        subprocess.run(
            [python, "-c", PROGRAM, str(store), table, f"{folder}/peer.duckdb"],
            check=True,
            env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false", "HOME": folder},
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - begun
