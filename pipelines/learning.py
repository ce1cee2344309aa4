"""`python -m pipelines.learning`: builds what models learn from, beside the workshop that refreshes build in."""

import subprocess
import sys
from pathlib import Path

from pipelines.by_hand import scratch_environment
from warehouse.settings import settings

SELECTED = "+tag:learning"
"""The point-in-time models and the staging views they read."""


def main() -> int:
    """Build features and outcomes from the lake as it is; dbt's exit code. Refreshes go on meanwhile."""
    environment = scratch_environment(settings().learning_path.parent) | {"LONGHOUSE_LEARNING": "true"}
    dbt = Path(sys.executable).with_name("dbt")
    return subprocess.run([dbt, "--quiet", "build", "--select", SELECTED], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
