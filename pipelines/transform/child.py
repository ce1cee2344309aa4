"""`python -m pipelines.transform.child PARSED build …`: dbt, on definitions that were parsed when they were kept.

PARSED is the file with dbt's own memory of the project: reading the project again would take longer than many a build.
"""

import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


def main(parsed: str, arguments: list[str]) -> int:
    """Run dbt as its command line does; its exit code."""
    manifest = Manifest.from_msgpack(Path(parsed).read_bytes())
    manifest.build_flat_graph()
    outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.exception is not None:
        sys.stderr.write(f"{outcome.exception}\n")
        return 2
    return 0 if outcome.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
