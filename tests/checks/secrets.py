"""No secret is in the repository: reads every file git knows or would add. `python -m tests.checks.secrets`."""

import shutil
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"requirements.lock"}
"""Nothing but digests."""

ALLOWED = {
    "longhouse-demo": "the demo company's password: public, printed at sign-in, refused in production",
    "correct horse": "what people type in tests",
    "wrong": "what people mistype in tests",
}
"""Value → why it is no secret."""


def files() -> list[str]:
    """Every file git tracks, and every new one it does not ignore."""
    git = shutil.which("git") or "git"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return sorted({name for name in listed if name and name not in LEFT_OUT and (ROOT / name).is_file()})


def findings(names: list[str]) -> list[str]:
    """What looks like a secret and is not allowed: place and kind, never the value."""
    found = SecretsCollection(root=str(ROOT))
    with default_settings():
        for name in names:
            found.scan_file(name)
    return [f"{name}:{one.line_number}: {one.type}" for name, one in found if one.secret_value not in ALLOWED]


def main() -> int:
    """Print findings; 1 when there are any."""
    names = files()
    found = findings(names)
    for one in found:
        sys.stderr.write(f"{one}\n")
    if found:
        sys.stderr.write("Take it out of the repository, and change it where it is in use. Or allow it in this file.\n")
        return 1
    sys.stdout.write(f"secrets: none in {len(names)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
