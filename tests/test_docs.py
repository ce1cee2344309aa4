"""What the documents promise is what the product has."""

from pathlib import Path

import pytest

from tests.checks.docs import PAGES, ROOT


@pytest.mark.parametrize("place", PAGES)
def test_a_generated_page_is_up_to_date(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse.settings import settings

    monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        assert (ROOT / place).read_text(encoding="utf-8") == PAGES[place](), "run: python -m tests.checks.docs"
    finally:
        settings.cache_clear()


def test_the_readme_fits_on_a_few_screens_and_starts_with_make_up_and_make_test() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert commands[:2] == ["make up", "make test"]


def test_every_command_is_named_in_the_documents() -> None:
    from apps.cli import app

    told = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in names if f"longhouse {name}" not in told] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    import re

    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), f"{page.name} → {target}"
