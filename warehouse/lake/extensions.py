"""DuckDB's extensions, installed once from the wheels of the same version; nothing is fetched."""

import hashlib
from importlib.resources import files
from pathlib import Path

import duckdb

from warehouse.settings import Settings

EXTENSIONS = ("ducklake", "sqlite_scanner", "postgres_scanner", "httpfs")


def needed(current: Settings) -> tuple[str, ...]:
    """What an engine that opens this lake loads: the lake's own, and those of the databases it reads from."""
    engines = {"postgres_scanner" if url else "sqlite_scanner" for url in (current.database_url, current.catalog_url)}
    return ("ducklake", *sorted(engines))


class ExtensionMissing(Exception):
    """A wheel with an extension is not installed, or is of another version than the engine."""


def wheel_file(name: str) -> Path:
    """The extension's file inside its wheel."""
    found = (
        Path(str(files(f"duckdb_extension_{name}")))
        / "extensions"
        / f"v{duckdb.__version__}"
        / f"{name}.duckdb_extension"
    )
    if not found.is_file():
        raise ExtensionMissing(
            f"The wheel of the DuckDB extension {name} does not hold one for DuckDB {duckdb.__version__}. "
            "Install both from requirements.lock: delete .venv and run `make`."
        )
    return found


def installed_file(directory: Path, name: str) -> Path | None:
    """Where DuckDB put its copy, once it has one."""
    return next(directory.glob(f"v{duckdb.__version__}/*/{name}.duckdb_extension"), None)


def bootstrap(directory: Path) -> None:
    """Install what is missing into `directory`. DuckDB checks each signature whenever it loads one."""
    missing = [name for name in EXTENSIONS if not _same(directory, name)]
    if not missing:
        return
    directory.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"extension_directory": str(directory)}) as connection:
        for name in missing:
            quoted = str(wheel_file(name)).replace("'", "''")
            connection.execute(f"force install '{quoted}'")


def _same(directory: Path, name: str) -> bool:
    copy = installed_file(directory, name)
    return copy is not None and copy.stat().st_size == wheel_file(name).stat().st_size


def sha256(path: Path) -> str:
    """The file's digest, for the doctor's report."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
