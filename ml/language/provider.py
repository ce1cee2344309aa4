"""The one door to OpenAI's SDK: a schema-bound answer from a model, or a sentence that says why there is none."""

import json
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

from warehouse.settings import settings

Failure = Literal["no key", "unreachable", "slow", "busy", "quota", "refused", "cut off", "not allowed", "failed"]
SENTENCES: dict[Failure, str] = {
    "no key": "no key for the model is set",
    "unreachable": "the model could not be reached",
    "slow": "the model did not answer in time",
    "busy": "the model is busy",
    "quota": "the account of the model has nothing left",
    "refused": "the model would not answer",
    "cut off": "the model's answer was cut off",
    "not allowed": "the model did not accept our key",
    "failed": "the model failed",
}
RETRIES = 1
MOST_OUTPUT = 2_000
"""Tokens of an answer; a plan has a few hundred, and thinking counts too."""


@dataclass(frozen=True)
class Connection:
    """Where a model is reached and how it is asked."""

    key: str
    model: str
    url: str | None
    endpoint: Literal["chat", "responses"]
    effort: str
    seconds: float

    @classmethod
    def of_settings(cls) -> "Connection | None":
        """As the installation is set; None where no model is connected."""
        now = settings()
        if not now.openai_model or not (now.openai_api_key or now.openai_base_url):
            return None
        return cls(
            key=now.openai_api_key or "none",
            model=now.openai_model,
            url=now.openai_base_url or None,
            endpoint=now.openai_endpoint,
            effort=now.openai_effort,
            seconds=now.openai_seconds,
        )


@dataclass(frozen=True)
class Reply:
    """What a model wrote, and what that took; tokens are counted by whoever serves it."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    milliseconds: int = 0


class NoReply(Exception):
    """There is no answer of a model; says of which kind the failure is, and what it took nevertheless."""

    def __init__(self, failure: Failure, tokens_in: int = 0, tokens_out: int = 0, milliseconds: int = 0) -> None:
        super().__init__(SENTENCES[failure])
        self.failure = failure
        self.reply = Reply("", tokens_in, tokens_out, milliseconds)


def ask_model(connection: Connection, messages: list[dict[str, str]], schema: dict[str, Any]) -> Reply:
    """The text a model writes under a strict schema: not yet judged. Raises NoReply."""
    import openai

    began = perf_counter()
    client = openai.OpenAI(
        api_key=connection.key, base_url=connection.url, timeout=connection.seconds, max_retries=RETRIES
    )
    try:
        with client:
            reply = _chat if connection.endpoint == "chat" else _responses
            found = reply(client, connection, messages, schema)
    except openai.APITimeoutError:
        raise NoReply("slow", milliseconds=_since(began)) from None
    except openai.APIConnectionError:
        raise NoReply("unreachable", milliseconds=_since(began)) from None
    except openai.RateLimitError as refused:
        kind: Failure = "quota" if refused.code == "insufficient_quota" else "busy"
        raise NoReply(kind, milliseconds=_since(began)) from None
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise NoReply("not allowed", milliseconds=_since(began)) from None
    except (openai.OpenAIError, json.JSONDecodeError):
        raise NoReply("failed", milliseconds=_since(began)) from None
    return Reply(found.text, found.tokens_in, found.tokens_out, _since(began))


def _since(began: float) -> int:
    return round(1000 * (perf_counter() - began))


def _chat(client: Any, connection: Connection, messages: list[dict[str, str]], schema: dict[str, Any]) -> Reply:
    form = {"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": schema}}
    more = {"reasoning_effort": connection.effort} if connection.effort else {}
    found = client.chat.completions.create(
        model=connection.model, messages=messages, response_format=form, max_completion_tokens=MOST_OUTPUT, **more
    )
    used = found.usage
    tokens = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
    if not found.choices:
        raise NoReply("failed", *tokens)
    choice = found.choices[0]
    if choice.message.refusal:
        raise NoReply("refused", *tokens)
    if choice.finish_reason == "length":
        raise NoReply("cut off", *tokens)
    return Reply(choice.message.content or "", *tokens)


def _responses(client: Any, connection: Connection, messages: list[dict[str, str]], schema: dict[str, Any]) -> Reply:
    form = {"type": "json_schema", "name": "plan", "strict": True, "schema": schema}
    more = {"reasoning": {"effort": connection.effort}} if connection.effort else {}
    found = client.responses.create(
        model=connection.model,
        input=messages,
        text={"format": form},
        max_output_tokens=MOST_OUTPUT,
        store=False,
        **more,
    )
    used = found.usage
    tokens = (used.input_tokens, used.output_tokens) if used else (0, 0)
    parts = [part for item in found.output or () if item.type == "message" for part in item.content]
    if any(part.type == "refusal" for part in parts):
        raise NoReply("refused", *tokens)
    if found.status == "incomplete":
        raise NoReply("cut off", *tokens)
    return Reply("".join(part.text for part in parts if part.type == "output_text"), *tokens)
