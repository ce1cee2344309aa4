"""Each command in a process of its own, as a person types it: nothing that another one imported helps it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.houses import MAPPING, ROOT, UNEXAMINED, House

pytestmark = pytest.mark.slow

COMMANDS = (
    ("metrics",),
    ("metric", "won_value", "--org", "globex"),
    ("sql", "--org", "globex", "select count(*) from fct_opportunities"),
    ("organization", "list"),
    ("organization", "members", "globex"),
    ("organization", "invite", "globex", "new@globex.example", "--role", "viewer"),
    ("audit", "verify"),
    ("audit", "list", "--org", "globex"),
    ("errors",),
    (
        "ml",
        "evaluate",
        "--task",
        "win",
        "--data",
        "{export}/sales_pipeline.csv",
        "--target",
        "deal_stage",
        "--positive",
        "Won",
    ),
    ("import", "{export}", "--org", "another", "--mapping", str(MAPPING)),
    ("keys", "rotate"),
    ("doctor",),
    ("organization", "delete", "globex", "--export", "{home}/globex.zip", "--yes-delete", "globex"),
)
"""In this order on one house: what is written by one is there for the next."""


def test_every_command_ends_well_by_itself(house: House, small_export: Path) -> None:
    for command in COMMANDS:
        told = [word.format(export=small_export, home=house.home) for word in command]
        done = subprocess.run(
            [sys.executable, "-m", "apps.cli", *told],
            cwd=ROOT,
            env=os.environ | house.environment | UNEXAMINED,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"longhouse {' '.join(told)}:\n{done.stdout}\n{done.stderr}"
