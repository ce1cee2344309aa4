"""Errors: the operator sees what nobody foresaw, others get a sentence with a reference."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from apps.ui.formats import plain
from apps.ui.rooms import own_screens
from tests.houses import ROOT
from warehouse import logs
from warehouse.operations.errors import keep_error, keep_trace
from warehouse.release import release

OLIVE, SAM = "olive@demo.example", "sam@demo.example"


def _fail(times: int = 1) -> str:
    reference = ""
    for _ in range(times):
        try:
            {}["*quarter*"]
        except KeyError as failure:
            reference = keep_error(failure, "screen")
    return reference


def test_the_operator_sees_each_group_with_count_release_and_trace(working_screens: Any) -> None:
    logs.begin(request_id="request-0042")
    keep_trace("ValueError", "older", "older trace", "job")
    reference = _fail(3)
    logs.begin()
    screen = working_screens.open("operations_errors", OLIVE)
    told = [element.value for element in screen.markdown]
    assert [one for one in told if one in {"**KeyError**", "**ValueError**"}] == ["**KeyError**", "**ValueError**"]
    assert f"`{reference}`" in told
    assert any("3 times" in one for one in told)
    assert any(plain(release()) in caption.value for caption in screen.caption)
    assert any("request-0042" in caption.value for caption in screen.caption)
    assert [expander.label for expander in screen.expander] == ["Trace", "Trace"]
    assert "KeyError: '*quarter*'" in screen.code[0].value


def test_an_installation_without_errors_says_so(working_screens: Any) -> None:
    screen = working_screens.open("operations_errors", OLIVE)
    assert [success.value for success in screen.success] == ["Nothing unforeseen has happened on this installation."]


def test_nobody_else_finds_the_screen(working_screens: Any) -> None:
    _fail()
    assert "Operations" not in own_screens(working_screens.signed_in(SAM, "demo"))
    assert [one.title for one in own_screens(working_screens.signed_in(OLIVE, "demo"))["Operations"]] == ["Errors"]


def test_a_screen_that_fails_tells_a_reference_and_no_more(
    working_screens: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("for ana@acme.test")

    monkeypatch.setattr("warehouse.operations.checks.latest_checks", fails)
    screen = AppTest.from_file(str(ROOT / "apps" / "ui" / "main.py"), default_timeout=300)
    screen.session_state["signed_in"] = working_screens.signed_in(SAM, "demo")
    screen.run()
    screen.switch_page("screens/insights_checks.py").run()
    assert not screen.exception
    [told] = [error.value for error in screen.error]
    assert "tell the operator the reference" in told
    assert "ZeroDivision" not in told
    reference = working_screens.store("select id from error_groups")
    assert reference in told
    assert working_screens.store("select message from error_groups") == "for [e-mail]"
