"""A data folder, the command line run on it, and a way to work in it from a test."""

import contextvars
import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
MAPPING = ROOT / "warehouse" / "imports" / "crm_maven.yml"

UNEXAMINED = {"LONGHOUSE_EXAMINE_IMPORTS": "false"}
"""Great Expectations takes seconds to start: a test that wants imports examined says so."""

SHARED = "LONGHOUSE_TEST_HOUSES"
"""Names the folder that the processes of one run share; without it, each is alone."""

HANDED_ON = frozenset({"dbt", "up"})
"""Commands whose child prints for them."""

PARSED = "built/definitions"
"""Where in that folder the definitions lie once the house is built that most tests use."""


@dataclass(frozen=True)
class House:
    """A data folder, and the command line run on it."""

    home: Path
    server: str | None = None
    """The address of the PostgreSQL database that keeps its store and its catalog; None, files in the data folder."""

    @property
    def environment(self) -> dict[str, str]:
        """What tells a process to work on this house."""
        databases = {"LONGHOUSE_DATABASE_URL": self.server, "LONGHOUSE_CATALOG_URL": self.server} if self.server else {}
        return {"LONGHOUSE_HOME": str(self.home)} | databases

    def run(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """`longhouse …`; with check, what it printed on failure fails the test.

        Run in this process: a new one takes four seconds to begin. What it starts are processes of their own; a command
        that lets one of them print by itself gets a process too.
        """
        self._know_the_definitions()
        with self.entered(UNEXAMINED | environment):
            done = contextvars.copy_context().run(_apart if arguments[0] in HANDED_ON else _commanded, arguments)
        assert not check or done.returncode == 0, f"longhouse {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def _know_the_definitions(self) -> None:
        """What a process of this run has parsed need not be parsed again: ten seconds for each new house."""
        parsed, ours = Path(os.environ.get(SHARED, "")) / PARSED, self.home / "definitions"
        if SHARED in os.environ and parsed.exists() and not ours.exists():
            shutil.copytree(parsed, ours)

    def metric(self, *arguments: str) -> dict[str, Any]:
        """The JSON that `longhouse metric …` prints; its values exact."""
        told = json.loads(self.run("metric", *arguments, "--format", "json").stdout)
        assert isinstance(told, dict)
        return told

    def value(self, metric: str, org: str, *arguments: str) -> Any:
        """The one value of an ungrouped metric."""
        return self.metric(metric, "--org", org, *arguments)["rows"][0][metric]

    def copy(self, to: Path) -> "House":
        """The same house in another place; it shares the files of DuckDB's extensions, two thirds of it, by links."""
        try:
            self._copy_files(to)
        except shutil.Error:
            # A connection that nobody held any more was closed meanwhile, and SQLite took its log into the database.
            shutil.rmtree(to)
            self._copy_files(to)
        if (self.home / "extensions").exists():
            shutil.copytree(self.home / "extensions", to / "extensions", copy_function=os.link)
        return House(to)

    def _copy_files(self, to: Path) -> None:
        shutil.copytree(self.home, to, ignore=lambda folder, _: ["extensions"] if Path(folder) == self.home else [])

    @contextmanager
    def entered(self, environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
        """Inside, this process works on this house."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (self.environment | dict(environment)).items():
                patch.setenv(name, value)
            forget_everything()
            try:
                yield
            finally:
                forget_everything()


def _apart(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)


def _commanded(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    from apps.cli import main

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, _logging_kept(), redirect_stdout(out), redirect_stderr(err):
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", ["longhouse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), err.getvalue())


@contextmanager
def _logging_kept() -> Iterator[None]:
    """A command says where its log goes; whoever logged before it goes on as before."""
    ours = logging.getLogger("longhouse")
    before = list(ours.handlers), ours.level, ours.propagate
    ours.handlers = []
    try:
        yield
    finally:
        for handler in ours.handlers:
            handler.close()
        ours.handlers, ours.level, ours.propagate = before


def made_once(name: str, folder: Path, make: Callable[[House], None]) -> House:
    """A house of this process's own in `folder`; of all the processes of a run, the first makes it, the others copy."""
    run = os.environ.get(SHARED)
    if run is None:
        house = House(folder / "data")
        make(house)
        return house
    original = House(Path(run) / name)
    with FileLock(Path(run) / f"{name}.lock"):
        made = Path(run) / f"{name}.made"
        if not made.exists():
            shutil.rmtree(original.home, ignore_errors=True)
            make(original)
            made.touch()
        return original.copy(folder / "data")


@contextmanager
def living_in(home: Path, database: str | None = None) -> Iterator[None]:
    """Work in a data folder of which nothing is known, with no setting but where it is, and its database if named."""
    from warehouse.oltp.engine import engine
    from warehouse.settings import settings

    with pytest.MonkeyPatch.context() as patch:
        # Away from the checkout, whose .env would have a say.
        patch.chdir(home)
        for name in [name for name in os.environ if name.startswith("LONGHOUSE_")]:
            patch.delenv(name)
        patch.setenv("LONGHOUSE_HOME", str(home))
        if database is not None:
            patch.setenv("LONGHOUSE_DATABASE_URL", database)
        settings.cache_clear()
        engine.cache_clear()
        yield
        engine().dispose()
    settings.cache_clear()
    engine.cache_clear()


def forget_everything() -> None:
    """What this process remembers of a data folder; what is known by the hash of its content is the same in all."""
    from warehouse.metrics import serving
    from warehouse.oltp.engine import engine
    from warehouse.settings import settings

    engine().dispose()
    serving.readers().close_all()
    for remembered in (settings, engine, serving.readers, serving._provenance, serving._own):
        remembered.cache_clear()


def today() -> date:
    """The day the demo company was made on."""
    from warehouse.settings import settings

    return settings().today()
