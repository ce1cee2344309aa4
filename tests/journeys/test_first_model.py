"""The page for an analyst's first model is followed to the letter, on a project of one's own."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.houses import ROOT, House

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "first-model.md").read_text(encoding="utf-8")
FILES = re.compile(r"^`dbt/(\S+)`\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^\$ longhouse (.+)$", re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the business model that the page's files are written into."""
    folder = tmp_path / "dbt"
    shutil.copytree(ROOT / "dbt", folder)
    return folder


def test_the_pages_files_and_commands_lead_to_a_governed_number(house: House, project: Path) -> None:
    written = FILES.findall(PAGE)
    assert [Path(place).suffix for place, _ in written] == [".sql", ".yml"]
    look, *others = [shlex.split(command) for command in COMMANDS.findall(PAGE)]
    assert "call" in house.run(*look).stdout
    for place, text in written:
        (project / place).write_text(text, encoding="utf-8")

    own = {"LONGHOUSE_MODEL_PATH": str(project)}
    for command in others:
        done = house.run(*command, **own)
    assert "receipt" in done.stderr
    by_rep = house.run(*others[-1], "--format", "json", **own)
    told = json.loads(by_rep.stdout)
    counted = json.loads(
        house.run(
            "sql", "--org", "demo", "--format", "json",
            "select count(*) as calls from fct_activities where kind = 'call' and duration_minutes > 60", **own,
        ).stdout
    )  # fmt: skip
    assert sum(row["long_call_count"] for row in told["rows"]) == counted["rows"][0]["calls"] > 0
    assert "holds" in house.run("verify", told["receipt"], **own).stdout
