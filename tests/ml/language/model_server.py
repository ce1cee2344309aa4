"""A server that speaks OpenAI's two endpoints over a real socket, and fails in every way that models do."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PLAN: dict[str, Any] = {
    "kind": "semantic", "metrics": ["won_deal_count"], "by": ["sector"], "grain": None, "filters": [], "when": None,
    "compare": "none", "having": "none", "having_value": None, "order": "none", "limit": None, "said": None,
}  # fmt: skip


@dataclass
class ModelServer:
    """Answers by script, the last entry again and again; keeps what it was sent."""

    script: list[Any] = field(default_factory=list)
    """Plans to answer with, or the name of a failure."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def next(self) -> Any:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def serving() -> Iterator[ModelServer]:
    """The server, while it runs."""
    model = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.sent.append(json.loads(self.rfile.read(int(self.headers["content-length"]))) | {"path": self.path})
            self._answer(model.next())

        def _answer(self, told: Any) -> None:
            if told == "slow":
                time.sleep(1.2)
            errors = {
                "busy": (429, "rate_limit_exceeded"),
                "quota": (429, "insufficient_quota"),
                "key": (401, "x"),
                "broken": (500, "x"),
            }
            if isinstance(told, str) and told in errors:
                status, code = errors[told]
                self._send(status, {"error": {"message": "no", "code": code, "type": code, "param": None}})
                return
            text = told if isinstance(told, str) else json.dumps(told)
            self._send(200, chat(text) if self.path.endswith("/chat/completions") else response(text))

        def _send(self, status: int, body: dict[str, Any]) -> None:
            whole = json.dumps(body).encode()
            head = f"HTTP/1.0 {status} x\r\ncontent-type: application/json\r\nretry-after: 0\r\ncontent-length: {len(whole)}\r\n\r\n"
            self.wfile.write(head.encode() + whole)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def chat(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": "I will not" if text == "refusal" else None}
    reason = "length" if text == "length" else "stop"
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
    }  # fmt: skip


def response(text: str) -> dict[str, Any]:
    part = (
        {"type": "refusal", "refusal": "no"}
        if text == "refusal"
        else {"type": "output_text", "text": text, "annotations": []}
    )
    return {
        "id": "r", "object": "response", "created_at": 1, "model": "m", "status": "incomplete" if text == "length" else "completed",
        "output": [{"id": "o", "type": "message", "role": "assistant", "status": "completed", "content": [part]}],
        "parallel_tool_calls": False, "tool_choice": "auto", "tools": [],
        "usage": {"input_tokens": 900, "output_tokens": 100, "total_tokens": 1000,
                  "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}},
    }  # fmt: skip
