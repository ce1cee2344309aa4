"""Tells what happened to people's own addresses: a program's, signed; or a chat's incoming webhook, in the chat's words."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apps.api.signature import sign
from apps.outward.address import NotCalled, post
from warehouse.oltp.engine import store_exists, writing
from warehouse.operations.inbox import Call, address_of, note_call, take_calls

COLORS = {"info": "good", "warning": "warning", "critical": "attention"}


def call_due() -> int:
    """Make every call that is due, and note how it went; how many were taken."""
    if not store_exists():
        return 0
    with writing() as session:
        calls = take_calls(session, datetime.now(UTC))
    taken = 0
    for call in calls:
        problem = _call(call)
        with writing() as session:
            note_call(session, call.id, problem, datetime.now(UTC))
        taken += problem is None
    return taken


def _call(call: Call) -> str | None:
    """None, or why it was not taken."""
    body = json.dumps(FORMS[call.form](call), ensure_ascii=False).encode()
    now = str(int(datetime.now(UTC).timestamp()))
    signed = {
        "webhook-id": call.id,
        "webhook-timestamp": now,
        "webhook-signature": sign(call.secret, call.id, now, body),
    }
    try:
        post(call.address, body, signed if call.form == "plain" else {})
    except NotCalled as why:
        return str(why)
    return None


def plain(call: Call) -> dict[str, Any]:
    """For a program: every field by its name."""
    said = call.said
    return {
        "type": said.topic.value,
        "id": said.id,
        "organization": {"id": said.organization_id, "name": call.organization},
        "title": said.title,
        "text": said.text,
        "level": said.level,
        "at": said.at.isoformat(),
        "link": address_of(said),
        "receipt": said.receipt,
    }


def slack(call: Call) -> dict[str, Any]:
    """As Slack's incoming webhooks take it, and what is compatible with them."""
    said = call.said
    head, text = _for_slack(said.title), _for_slack(said.text)
    lines = [f"*{head}* · {_for_slack(call.organization)}", text, f"<{address_of(said)}|Open in Longhouse>"]
    return {"text": "\n".join(lines)}


def _for_slack(text: str) -> str:
    """Slack's three marks are told as the signs they are, so that nothing typed becomes a link or a call of a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(call: Call) -> dict[str, Any]:
    """As the workflows of Microsoft Teams take it: an adaptive card."""
    said = call.said
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": said.title,
                "weight": "bolder",
                "size": "medium",
                "wrap": True,
                "color": COLORS.get(said.level, "default"),
            },
            {"type": "TextBlock", "text": said.text, "wrap": True},
            {"type": "TextBlock", "text": call.organization, "isSubtle": True, "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Longhouse", "url": address_of(said)}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


FORMS: dict[str, Callable[[Call], dict[str, Any]]] = {"plain": plain, "slack": slack, "teams": teams}
