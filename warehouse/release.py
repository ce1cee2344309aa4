"""Which Longhouse this is: its version and the commit of its checkout."""

import shutil
import subprocess
from functools import cache
from importlib.metadata import version

from warehouse.settings import CHECKOUT

COMMIT_CHARACTERS = 12


@cache
def git_commit() -> str:
    """The commit of the checkout, with `+` where it has changes of its own; empty where there is no git."""
    git = shutil.which("git")
    if git is None:
        return ""
    asked = [git, "describe", "--always", "--dirty=+", "--abbrev=40"]
    return subprocess.run(asked, cwd=CHECKOUT, capture_output=True, text=True).stdout.strip()


def release() -> str:
    """The version, with the short commit where there is one: `0.1.0 (1a2b3c4d5e6f+)`."""
    commit = git_commit()
    changed = "+" if commit.endswith("+") else ""
    number = version("longhouse")
    return f"{number} ({commit.removesuffix('+')[-40:][:COMMIT_CHARACTERS]}{changed})" if commit else number
