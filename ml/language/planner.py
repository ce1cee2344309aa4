"""Who reads a question: a connected model under a budget, and the interpreter of Longhouse whenever it cannot."""

from collections.abc import Callable
from dataclasses import dataclass

from ml.language.interpreter import interpret
from ml.language.masking import put_away
from ml.language.modelled import Wrong, messages, offered, plan_of, schema
from ml.language.plan import Plan
from ml.language.provider import Connection, NoReply, Reply, ask_model
from ml.language.work import Asking

Note = Callable[[Connection, Reply, str], None]
"""Keeps what a request to a model took, and how it ended."""


@dataclass(frozen=True)
class Budget:
    """Whether a model may be asked, and where what it takes is noted."""

    is_left: Callable[[], bool]
    note: Note


def read(asking: Asking, text: str, previous: Plan | None, connection: Connection | None, budget: Budget) -> Plan:
    """The plan of a question. Without a model, or where it fails, the interpreter's, which says so."""
    if connection is None or not text.strip():
        return interpret(asking, text, previous)
    if not budget.is_left():
        return _by_itself(asking, text, previous, "this month's budget for the model is used up")
    try:
        return _modelled(asking, text, previous, connection, budget)
    except NoReply as none:
        budget.note(connection, none.reply, none.failure)
        return _by_itself(asking, text, previous, str(none))
    except Wrong:
        return _by_itself(asking, text, previous, "the model's answer was none")


def _modelled(asking: Asking, text: str, previous: Plan | None, connection: Connection, budget: Budget) -> Plan:
    """One answer, and one more where the first is none. Raises NoReply, Wrong."""
    sent, hidden = put_away(asking, text)
    metrics = offered(asking, sent)
    said, form = messages(asking, sent, metrics, previous), schema(asking.vocabulary.catalogue, metrics)
    reply = ask_model(connection, said, form)
    try:
        plan = plan_of(asking, text, sent, reply.text, hidden, connection.model)
    except Wrong as wrong:
        budget.note(connection, reply, "invalid")
        said += [
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": f"That is not valid: {wrong}. Answer again."},
        ]
        reply = ask_model(connection, said, form)
        try:
            plan = plan_of(asking, text, sent, reply.text, hidden, connection.model)
        except Wrong:
            budget.note(connection, reply, "invalid")
            raise
    budget.note(connection, reply, "answered")
    return plan


def _by_itself(asking: Asking, text: str, previous: Plan | None, why: str) -> Plan:
    plan = interpret(asking, text, previous)
    return plan.model_copy(
        update={"assumptions": (*plan.assumptions, f"read by the interpreter of Longhouse, because {why}")}
    )
