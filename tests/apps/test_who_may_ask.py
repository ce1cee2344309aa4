"""Every number asked by every kind of people, wherever numbers are asked: in answers, receipts, commands and over HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from apps.api.main import api
from apps.cli import app as commands
from apps.ui import answers
from tests.apps.people import DEACTIVATED, ELSEWHERE, NOWHERE, People, everybody, rights
from tests.houses import House, today
from tests.warehouse.metrics.rows import DIMENSIONS, METRICS, may_ask
from tests.warehouse.operations.cases import WHO
from warehouse.metrics.answer import answer
from warehouse.metrics.catalogue import Part, Unknown
from warehouse.metrics.question import Question
from warehouse.metrics.receipts import write_receipt
from warehouse.metrics.serving import serving_as
from warehouse.oltp.engine import reading
from warehouse.operations import identity
from warehouse.tenancy import Actor, Forbidden

EVERYBODY = pytest.mark.parametrize("who", [*WHO, ELSEWHERE])
ROUTES_WITHOUT_NUMBERS = {
    *("/health", "/health/live", "/health/ready", "/openapi.json"),
    *("/me", "/me/organization", "/me/session", "/hooks/users/{organization}"),
}
"""What the API answers; a route that tells a number is asked in every kind's place, here."""


@pytest.fixture(scope="module")
def people(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with everybody(built_house, tmp_path_factory.mktemp("asking") / "data") as found:
        yield found


def question(metric: str = "deal_count", **more: Any) -> Question:
    return Question(metrics=(metric,), as_of=today(), **more)


@pytest.fixture(scope="module")
def knowing(people: People) -> dict[str, str]:
    """Dimension → a metric that can be cut by it and has something to cut."""
    opened, found = serving_as(people.actor("owner")), {}
    for name in DIMENSIONS:
        able = [one.name for one in opened.catalogue.metrics.values() if name in one.dimensions]
        found[name] = next(one for one in able if answer(opened, question(one, by=(name,))).rows)
    return found


def may_cut(who: str, metric: str, tag: str) -> bool:
    """Whether the law lets these people ask for a metric by a dimension with this tag."""
    return may_ask(rights(who), METRICS[metric]) and may_ask(rights(who), tag)


def is_answered(ask: Callable[..., object], *given: object) -> bool:
    try:
        ask(*given)
    except Unknown:
        return False
    return True


def test_the_api_tells_no_number_that_is_not_asked_about_here() -> None:
    found = {route.path for route in api().routes if hasattr(route, "path")}
    found |= {
        one.path for route in api().routes for one in getattr(getattr(route, "original_router", None), "routes", [])
    }
    assert found == ROUTES_WITHOUT_NUMBERS


@pytest.mark.slow
@EVERYBODY
def test_an_answer_is_given_to_whom_the_law_lets_ask(people: People, knowing: dict[str, str], who: str) -> None:
    actor = people.actor(who)
    opened = serving_as(actor)
    assert opened.provenance.organization_id == actor.organization_id
    for name, tag in METRICS.items():
        assert is_answered(answer, opened, question(name)) == may_ask(rights(who), tag), name
    for name, tag in DIMENSIONS.items():
        for cut in ({"by": (name,)}, {"where": {name: (None,)}}, {"by": (name,), "order": name}):
            asked, expected = question(knowing[name], **cut), may_cut(who, knowing[name], tag)
            assert is_answered(answer, opened, asked) == expected, (name, cut)
            assert is_answered(answers.ask, actor, asked) == expected, (name, cut)
        assert answers.offers(actor, name) == may_ask(rights(who), tag), name


@pytest.mark.slow
@pytest.mark.parametrize("who", [DEACTIVATED, NOWHERE])
def test_who_acts_in_no_organization_has_nothing_to_ask_with(people: People, who: str) -> None:
    with reading() as session:
        found = identity.actor_of(session, people.sign_ins[who], datetime.now(UTC))
    assert found is None or found.actor is None


def _without_the_right(actor: Actor, part: Part) -> dict[str, Callable[[], object]]:
    asked = question()
    return {
        "ask": lambda: answers.ask(actor, asked),
        "sketch": lambda: answers.sketch(actor, asked),
        "records": lambda: answers.records(actor, asked, part, 5),
        "choices": lambda: answers.choices(actor, "stage", today()),
        "names": lambda: answers.names(actor, "sales_rep", ("x",)),
        "metric": lambda: answers.metric(actor, "deal_count"),
        "offers": lambda: answers.offers(actor, "stage"),
        "latest day": lambda: answers.latest_day(actor),
    }


@pytest.mark.slow
@EVERYBODY
def test_without_the_right_to_numbers_nothing_is_told(people: People, who: str) -> None:
    whole = people.actor(who)
    [part] = answers.metric(whole, "deal_count").parts
    # Answered once for whoever may, so that a remembered answer could slip out.
    for ask in _without_the_right(whole, part).values():
        is_answered(ask)
    without = replace(whole, permissions=whole.permissions - {"insights:read"})
    for ask in _without_the_right(without, part).values():
        with pytest.raises(Forbidden, match="insights:read"):
            ask()


def _opened_receipt(email: str, organization_id: str, receipt: str, metric: str) -> None:
    """A page with nothing but a receipt on it, for somebody; there is no other page that it could lead to."""
    from unittest.mock import patch

    import streamlit

    from apps.ui.parts.receipt import open_receipt
    from warehouse.oltp.engine import reading
    from warehouse.operations.identity import _in_organization, user_with

    with reading() as session:
        user = user_with(session, email)
        who = _in_organization(session, "", user, organization_id) if user else None
    assert who is not None
    with patch.object(streamlit, "page_link"):
        open_receipt(who, receipt, metric)


@pytest.fixture(scope="module")
def receipts(people: People, knowing: dict[str, str]) -> dict[str, str]:
    """Dimension → a receipt of the owner's, cut by it."""
    owner = people.actor("owner")
    cuts = {name: question(knowing[name], by=(name,)) for name in ("stage", *_covered())} | {"": question()}
    return {name: write_receipt(owner, answer(serving_as(owner), asked)) for name, asked in cuts.items()}


def _covered() -> list[str]:
    return [name for name, tag in DIMENSIONS.items() if tag != "business"]


@pytest.mark.slow
@EVERYBODY
def test_a_receipt_opens_for_whom_its_question_might_have_been(
    people: People, receipts: dict[str, str], knowing: dict[str, str], who: str
) -> None:
    actor = people.actor(who)
    for name, receipt in receipts.items():
        arguments = (people.emails[who], actor.organization_id, receipt, knowing.get(name, "deal_count"))
        page = AppTest.from_function(_opened_receipt, args=arguments, default_timeout=300).run()
        assert not page.exception, page.exception
        opened = any(code.value == receipt for code in page.code)
        expected = who != ELSEWHERE and may_ask(rights(who), DIMENSIONS.get(name, "business"))
        assert opened == expected, f"{who}, cut by {name or 'nothing'}"
        assert opened or (len(page.error) == 1 and not page.dataframe and not page.metric)


@pytest.mark.slow
@EVERYBODY
def test_a_command_in_somebodys_place_answers_what_they_may_ask(
    people: People, knowing: dict[str, str], who: str
) -> None:
    for name, tag in DIMENSIONS.items():
        asked = ["metric", knowing[name], "--org", "demo", "--as", people.emails[who], "--by", name]
        words = [*asked, "--format", "json"]
        ran = CliRunner().invoke(commands, words)
        expected = who != ELSEWHERE and may_cut(who, knowing[name], tag)
        assert (ran.exit_code == 0) == expected, f"{who} by {name}: {ran.output}"
        assert bool(expected and json.loads(ran.stdout)["rows"]) == expected


@pytest.mark.slow
def test_no_command_speaks_in_the_place_of_somebody_deactivated(people: People) -> None:
    words = ["metric", "deal_count", "--org", "demo", "--as", people.emails[DEACTIVATED]]
    assert CliRunner().invoke(commands, words).exit_code != 0
