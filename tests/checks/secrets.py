"""No secret is in the repository: reads every file git knows or would add. `python -m tests.checks.secrets`."""

import shutil
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"requirements.lock", "tests/checks/secrets.py"}
"""Nothing but digests; and this file, which names what is allowed."""

ALLOWED = {
    "longhouse-demo": "the demo company's password: public, printed at sign-in, refused in production",
    "correct horse": "what people type in tests",
    "wrong": "what people mistype in tests",
    "short": "what people mistype in tests",
    "eve@new.test": "what people mistype in tests",
    "seven tall herons": "what people type in tests",
    "battery staple": "what people type in tests",
    "password": "stands for one in the form of an address",
    "hunter2": "what tests look for in logs, and must not find",
    "canary-password-71": "what tests look for in logs, and must not find",
    "geheim-42": "what tests look for in messages, and must not find",
    "the-code": "of a provider that lives for one test",
    "canary.person@acme.test": "what tests look for in logs, and must not find",
    "the-secret": "of a provider that lives for one test",
    "belong to people, and are used once": "a sentence",
    "are made, renewed and taken away; the lake asks nothing of them": "a sentence",
    "kept": "stands for a hash in a test",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "the published example of Standard Webhooks",
    "msg_p5jXN8AQM9LWM0D4loKWxJek": "the published example of Standard Webhooks",
    "identity.password_changed": "the name of an event",
    "Changed their password": "the sentence of an event",
    "abcdefghjkmnpqrstuvwxyz23456789": "the letters of recovery codes",
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
