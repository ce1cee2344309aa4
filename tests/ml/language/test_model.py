"""A connected model reads questions; whatever it does, nothing is invented, nobody's name leaves, and there is an answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ml.language.plan import Plan
from ml.language.planner import Budget, read
from ml.language.provider import Connection, Reply
from ml.language.work import Asking
from tests.ml.language.model_server import PLAN, ModelServer, serving


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with serving() as model:
        yield model


@pytest.fixture
def model(running: ModelServer) -> ModelServer:
    running.script, running.sent = [PLAN], []
    return running


@dataclass
class Ledger:
    """Notes what was asked."""

    left: bool = True
    noted: list[tuple[int, str]] = field(default_factory=list)

    def budget(self) -> Budget:
        return Budget(lambda: self.left, self._note)

    def _note(self, connection: Connection, reply: Reply, outcome: str) -> None:
        self.noted.append((reply.tokens_in + reply.tokens_out, outcome))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def ask(asking: Asking, model: ModelServer, ledger: Ledger) -> Any:
    connection = Connection("k", "m", model.url, "chat", "", 1.0)
    return lambda text, previous=None, **other: read(
        asking, text, previous, replace(connection, **other), ledger.budget()
    )


def fell_back(plan: Plan, why: str) -> bool:
    return plan.kind == "semantic" and any(
        note.startswith("read by the interpreter") and why in note for note in plan.assumptions
    )


@pytest.mark.parametrize("endpoint", ["chat", "responses"])
def test_a_model_reads_a_question_under_a_strict_schema(
    ask: Any, model: ModelServer, ledger: Ledger, asking: Asking, endpoint: str
) -> None:
    plan = ask("won deals by sector", endpoint=endpoint)
    assert (plan.kind, plan.question.metrics, plan.question.by) == ("semantic", ("won_deal_count",), ("sector",))
    assert "read by the model m" in plan.assumptions
    assert ledger.noted == [(1000, "answered")]
    [sent] = model.sent
    form = sent["response_format"]["json_schema"] if endpoint == "chat" else sent["text"]["format"]
    assert form["strict"]
    assert set(form["schema"]["properties"]["metrics"]["items"]["enum"]) <= set(asking.vocabulary.catalogue.metrics)


@pytest.mark.parametrize("endpoint", ["chat", "responses"])
@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ("busy", "busy"),
        ("quota", "nothing left"),
        ("key", "did not accept our key"),
        ("broken", "failed"),
        ("refusal", "would not answer"),
        ("length", "cut off"),
        ("no json at all", "was none"),
        ("slow", "in time"),
    ],
)
def test_whatever_fails_the_interpreter_answers_and_says_why(
    ask: Any, model: ModelServer, ledger: Ledger, failure: str, why: str, endpoint: str
) -> None:
    model.script = [failure]
    assert fell_back(ask("won deals by sector", endpoint=endpoint, seconds=0.5 if failure == "slow" else 5.0), why)
    assert all(outcome != "answered" for _, outcome in ledger.noted)
    assert ledger.noted


def test_a_server_that_is_not_there_is_told(ask: Any) -> None:
    assert fell_back(ask("won deals by sector", url="http://127.0.0.1:9/v1"), "could not be reached")


@pytest.mark.parametrize(
    "changed",
    [
        {"metrics": ["profit"]},
        {"by": ["agent"]},
        {"filters": [{"field": "sector", "op": "is", "values": ["'; drop table customers; --"]}]},
        {"filters": [{"field": "organization_id", "op": "is", "values": ["globex"]}]},
        {"metrics": []},
        {"when": "next year"},
        {"sql": "select 1"},
    ],
)
def test_what_a_model_invents_is_put_right_once_or_not_used(
    ask: Any, model: ModelServer, changed: dict[str, Any]
) -> None:
    model.script = [PLAN | changed, PLAN]
    assert ask("won deals by sector").question.metrics == ("won_deal_count",)
    assert "not valid" in model.sent[1]["messages"][-1]["content"]
    model.script, model.sent = [PLAN | changed], []
    assert fell_back(ask("won deals by sector"), "was none")
    assert len(model.sent) == 2


def test_days_are_read_by_our_own_grammar(ask: Any, model: ModelServer, asking: Asking) -> None:
    model.script = [PLAN | {"when": "2025"}]
    plan = ask("won deals by sector in 2025")
    assert (str(plan.question.start), str(plan.question.end)) == ("2025-01-01", "2026-01-01")
    model.script = [PLAN]
    assert fell_back(ask("won deals by sector in 2025"), "was none"), "the days of the question were left out"


def test_no_name_and_no_row_leaves(ask: Any, model: ModelServer, asking: Asking) -> None:
    [name, *_] = [value.shown for value in asking.values.of_dimension["sales_rep"]]
    model.script = [PLAN | {"filters": [{"field": "sales_rep", "op": "is", "values": ["name_1"]}]}]
    plan = ask(f"won deals of {name} by sector, mail rob@example.com")
    assert plan.question.where == {"sales_rep": (name,)}
    sent = json.dumps(model.sent)
    assert not any(part in sent for part in (name, *name.split(), "rob@example.com"))
    people = [one.shown for kind in ("customer", "agent") for one in asking.values.of_dimension[kind]]
    assert not any(one in sent for one in people)


def test_without_a_budget_the_model_is_not_asked(ask: Any, model: ModelServer, ledger: Ledger) -> None:
    ledger.left = False
    assert fell_back(ask("won deals by sector"), "budget")
    assert model.sent == []


def test_a_question_back_and_a_no_are_the_models_own(ask: Any, model: ModelServer) -> None:
    model.script = [PLAN | {"kind": "clarify", "said": "Won by value or by number?"}]
    assert (ask("best sector").kind, ask("best sector").reason) == ("clarify", "Won by value or by number?")
    model.script = [PLAN | {"kind": "unanswerable", "said": "there is no weather here"}]
    assert ask("the weather").kind == "unanswerable"


def test_without_a_model_nothing_is_sent(asking: Asking, model: ModelServer, ledger: Ledger) -> None:
    assert read(asking, "won deals by sector", None, None, ledger.budget()).kind == "semantic"
    assert (model.sent, ledger.noted) == ([], [])
