"""`longhouse keys rotate` changes every key of an installation without anybody noticing."""

import json
import os
from pathlib import Path

from tests.houses import House


def test_keys_are_changed_by_a_command_and_the_secrets_stay_readable(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    house.run("init")
    first = house.run("keys", "rotate").stdout
    assert first.startswith("Sealed 0 secrets with the new key k")
    assert "Sign-ins are signed with the new key" in first
    house.run("keys", "rotate")
    former = json.loads((house.home / "secrets" / "former_signing_keys.json").read_text())
    assert len(former) == 2
    own = Path(os.environ["XDG_CONFIG_HOME"]) / "longhouse" / (house.home / "installation").read_text().strip()
    kept = json.loads((own / "sealing_keys.json").read_text())
    assert kept["current"] in kept["keys"]


def test_without_a_store_it_says_so_and_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    ended = house.run("keys", "rotate", check=False)
    assert (ended.returncode, "There is no operational store" in ended.stderr) == (1, True)
    assert not (house.home / "secrets").exists()
