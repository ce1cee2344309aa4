"""An identity provider as it signs, written from the specification and not from our code."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
from starlette.testclient import TestClient


def headers(
    secret: str, message_id: str, body: bytes, *, at: float | None = None, name: str = "webhook"
) -> dict[str, str]:
    """The three headers of a message."""
    stamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {f"{name}-id": message_id, f"{name}-timestamp": stamp, f"{name}-signature": signature}


class Provider:
    """Sends an organization's users to `where`, each message under an id of its own."""

    def __init__(self, web: TestClient, where: str, secret: str) -> None:
        self.web, self.where, self.secret, self.sent = web, where, secret, 0

    def post(self, body: bytes, message_id: str | None = None, **changed: str) -> httpx.Response:
        """A signed body; headers may be changed after signing."""
        self.sent += 1
        told = headers(self.secret, message_id or f"msg_{self.where[-8:]}_{self.sent}", body)
        return self.web.post(self.where, content=body, headers=told | changed)

    def tell(self, what: str, message_id: str | None = None, **data: Any) -> str:
        """A message about a user; what came of it."""
        answer = self.post(json.dumps({"type": f"user.{what}", "data": data}).encode(), message_id)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["outcome"])
