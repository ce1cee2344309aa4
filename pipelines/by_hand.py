"""`python -m pipelines.by_hand ARGUMENTS`: dbt on a workshop of one's own, beside the one that refreshes build in."""

import os
import subprocess
import sys
from pathlib import Path

from pipelines.project import prepare_environment
from warehouse.settings import settings


def scratch_environment(scratch: Path) -> dict[str, str]:
    """What tells dbt to build into `scratch` and to read the lake, which it cannot write."""
    prepare_environment()
    scratch.mkdir(parents=True, exist_ok=True)
    # A check that reads a table nobody chose to build has nothing to read.
    return (
        {"DBT_INDIRECT_SELECTION": "cautious"}
        | os.environ
        | {
            "LONGHOUSE_WORKSHOP": str(scratch / "workshop.duckdb"),
            "DBT_TARGET_PATH": str(scratch / "target"),
            "DBT_LOG_PATH": str(scratch / "logs"),
            "DBT_PROJECT_DIR": str(settings().model_path),
        }
    )


def main(arguments: list[str]) -> int:
    """Run dbt with these arguments; nothing a running system uses is touched. Its exit code."""
    dbt = Path(sys.executable).with_name("dbt")
    return subprocess.run([dbt, *arguments], env=scratch_environment(settings().scratch_path)).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
