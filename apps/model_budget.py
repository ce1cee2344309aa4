"""What an organization may still ask of a connected model, and where each request to it is noted."""

from ml.language.planner import Budget
from ml.language.provider import Connection, Reply
from warehouse.oltp.engine import reading_as, writing_as
from warehouse.operations.model_calls import ModelCall, record_call, spent_in_month
from warehouse.tenancy import Actor


def budget_of(actor: Actor) -> Budget:
    """The budget of an actor's organization."""

    def is_left() -> bool:
        with reading_as(actor) as session:
            return not spent_in_month(session, actor).is_over

    def note(connection: Connection, reply: Reply, outcome: str) -> None:
        call = ModelCall(connection.model, reply.tokens_in, reply.tokens_out, reply.milliseconds, outcome)
        with writing_as(actor) as session:
            record_call(session, actor, call)

    return Budget(is_left, note)
