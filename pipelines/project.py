"""Where dbt finds its project, its workshop and the lake; and the manifests everything else reads."""

import json
import os
import shutil
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path

from warehouse.extracts.builds import definitions_folder
from warehouse.extracts.definitions import models_from_manifest, project_digest
from warehouse.lake.connection import catalog_address
from warehouse.lake.extensions import bootstrap
from warehouse.settings import settings


class ModelBroken(Exception):
    """The dbt project does not parse."""


def prepare_environment() -> None:
    """Tell dbt and Dagster where things are, and to keep to themselves."""
    current = settings()
    for folder in (current.workshop_path.parent, current.dbt_target, current.logs_path, current.dagster_home):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "LONGHOUSE_WORKSHOP": str(current.workshop_path),
        "LONGHOUSE_EXTENSIONS": str(current.extensions_path),
        "LONGHOUSE_CATALOG": str(current.catalog_path),
        # dbt keeps what bears this prefix out of its logs: the address may hold a password.
        "DBT_ENV_SECRET_LONGHOUSE_CATALOG": catalog_address(current),
        "LONGHOUSE_BUILD_TARGET": "workshop_postgres" if current.catalog_url else "workshop",
        "LONGHOUSE_LAKE_FILES": f"{current.lake_files}/",
        "LONGHOUSE_BUILD_THREADS": str(current.build_threads),
        "DBT_TARGET_PATH": str(current.dbt_target),
        "DBT_LOG_PATH": str(current.logs_path / "dbt"),
        # At its usual level dbt writes tens of megabytes a build, a fifth of the time the build takes.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_PROFILES_DIR": str(current.model_path),
        "DO_NOT_TRACK": "1",
        "DAGSTER_HOME": str(current.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    instance = current.dagster_home / "dagster.yaml"
    if not instance.exists():
        shutil.copy(Path(__file__).parent / "dagster.yaml", instance)
    bootstrap(current.extensions_path)


def ensure_definitions() -> str:
    """Parse the dbt project unless this very state of it was parsed before. Returns its digest."""
    digest = project_digest()
    if not (definitions_folder(digest) / "models.json").exists() or not parsed(digest).exists():
        _parse()
        keep_definitions(digest)
    return digest


def parsed(digest: str) -> Path:
    """dbt's own memory of these definitions; another version of dbt writes its own."""
    return definitions_folder(digest) / f"parsed-{version('dbt-core')}.msgpack"


def keep_definitions(digest: str) -> None:
    """Copy what serving and verification need out of dbt's target folder."""
    folder = definitions_folder(digest)
    folder.mkdir(parents=True, exist_ok=True)
    target = settings().dbt_target
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    semantics = json.loads((target / "semantic_manifest.json").read_text(encoding="utf-8"))
    # dbt lists files as the disk gives them: two machines would tell a shared dimension by different models
    told = {part: sorted(semantics[part], key=itemgetter("name")) for part in ("semantic_models", "metrics")}
    (folder / "semantic_manifest.json").write_text(json.dumps(semantics | told), encoding="utf-8")
    shutil.copy(target / "manifest.json", folder / "manifest.json")
    shutil.copy(target / "partial_parse.msgpack", parsed(digest))
    (folder / "models.json.new").write_text(json.dumps(models_from_manifest(manifest), indent=1), encoding="utf-8")
    (folder / "models.json.new").replace(folder / "models.json")


def _parse() -> None:
    from dbt.cli.main import dbtRunner  # nearly three CPU seconds, and needed only here

    prepare_environment()
    outcome = dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(settings().model_path)])
    if not outcome.success:
        raise ModelBroken(f"The dbt project does not parse: {outcome.exception}")
