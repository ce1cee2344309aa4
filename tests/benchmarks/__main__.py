"""`make bench`: each promise of speed, beside the bare engine in the same run; a table, and `build/bench.json`."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRESETS = ("tiny", "demo", "wide", "deep")
RESULT = ROOT / "build" / "bench.json"


def main() -> int:
    """Measure the presets, each in a process of its own; 1 when a bar was missed."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--preset", choices=PRESETS, action="append", help="default: demo; again for more")
    lines = []
    for preset in asked.parse_args().preset or ["demo"]:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "lines.json"
            subprocess.run([sys.executable, "-m", "tests.benchmarks.stages", preset, str(told)], check=True, cwd=ROOT)
            lines += json.loads(told.read_text(encoding="utf-8"))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    missed = [line["name"] for line in lines if line["met"] is False]
    sys.stdout.write(f"\n{RESULT.relative_to(ROOT)}: {len(lines)} lines, {len(missed)} below their bar\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
