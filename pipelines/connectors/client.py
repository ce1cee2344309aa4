"""Asks a vendor over HTTP: at its pace, again when that may help, and with a sentence of ours when it does not."""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from warehouse.connectors.spec import Ask, Basic, Bearer, Refreshed, Vendor, at

TRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
MOST_WAITING = 300.0
"""Seconds that one answer may be waited for in all; a vendor that asks for more is asked again by the next sync."""
SECONDS = httpx.Timeout(30.0, connect=10.0)
MOST_BYTES = 64 * 1024 * 1024
AGAIN = {408, 425, 429, 500, 502, 503, 504}
WORD = re.compile(r"[a-zA-Z0-9_.\-]{1,60}")


class VendorFailed(Exception):
    """A vendor did not give what was asked for. The sentence holds nothing of its answer but a word for the kind of error."""


class VendorRefused(VendorFailed):
    """A vendor does not let us in, or not to this."""


@dataclass
class Clock:
    """What time it is, and how it is waited."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random
    """Between 0 and 1: so that many who wait do not come back at once."""


@dataclass(frozen=True)
class Answer:
    """What a vendor answered, and when by its own clock."""

    body: Any
    at: datetime


class Client:
    """Asks one vendor on behalf of one connection."""

    def __init__(
        self,
        vendor: Vendor,
        secret: Mapping[str, str],
        address: str | None = None,
        clock: Clock | None = None,
        renewed: Callable[[dict[str, str]], None] = lambda parts: None,
    ) -> None:
        """`renewed` is told when the vendor gave another refresh token in the place of the one it was asked with."""
        self._vendor, self._secret, self._renewed = vendor, dict(secret), renewed
        self._clock = clock or Clock()
        self._access: str | None = None
        self._next = 0.0
        self._waited = 0.0
        # An address that redirects elsewhere would be handed the secret.
        base = address or vendor.address
        self._http = httpx.Client(base_url=base, timeout=SECONDS, follow_redirects=False, trust_env=False)
        self._host = urlsplit(base).netloc

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def get(self, ask: Ask, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Answer:
        """One page of a list. Raises VendorRefused, VendorFailed."""
        method = "POST" if body is not None else "GET"
        sent = {"params": dict(query)} | ({"json": body} if body is not None else {})
        return self._ask(method, ask.path, ask.per_second, sent)

    def _ask(self, method: str, path: str, pace: float | None, sent: Mapping[str, Any]) -> Answer:
        self._waited, renewed, why = 0.0, False, ""
        for attempt in range(TRIES):
            self._keep_pace(pace or self._vendor.per_second)
            try:
                response = self._send(method, path, self._way_in(), sent)
                if response.status_code == 401 and isinstance(self._vendor.auth, Refreshed) and not renewed:
                    renewed, self._access = True, None
                    response = self._send(method, path, self._way_in(), sent)
                if response.is_success:
                    return Answer(json.loads(response.content), self._told_at(response))
            except (httpx.TransportError, httpx.DecodingError, ValueError) as broken:
                why, told = f"the connection broke ({type(broken).__name__})", None
            else:
                if response.status_code not in AGAIN:
                    raise self._refusal(method, path, response)
                why, told = f"it answered {response.status_code}", response.headers.get("Retry-After")
            if attempt < TRIES - 1:
                self._wait(self._pause(attempt, told), why)
        raise VendorFailed(
            f"{self._vendor.title} could not be read after {TRIES} tries: {why} to {method} {path}. Nothing was lost; "
            "the next sync goes on where this one stopped."
        )

    def _send(self, method: str, path: str, headers: Mapping[str, str], sent: Mapping[str, Any]) -> httpx.Response:
        with self._http.stream(method, path, headers={**self._vendor.headers, **headers}, **sent) as response:
            read = bytearray()
            for portion in response.iter_bytes():
                read += portion
                if len(read) > MOST_BYTES:
                    raise VendorFailed(
                        f"{self._vendor.title} answered {method} {path} with more than {MOST_BYTES // 2**20} MiB."
                    )
        made = httpx.Response(response.status_code, content=bytes(read), request=response.request)
        made.headers["Date"] = response.headers.get("Date", "")
        if "Retry-After" in response.headers:
            made.headers["Retry-After"] = response.headers["Retry-After"]
        return made

    def _way_in(self) -> dict[str, str]:
        auth, secret = self._vendor.auth, self._secret
        if isinstance(auth, Bearer):
            return {"Authorization": f"Bearer {secret['token']}"}
        if isinstance(auth, Basic):
            made = httpx.BasicAuth(secret["user"], secret["password"])
            asked = next(made.auth_flow(httpx.Request("GET", "http://x")))
            return {"Authorization": asked.headers["Authorization"]}
        return {"Authorization": f"Bearer {self._access_token(auth)}"}

    def _access_token(self, auth: Refreshed) -> str:
        if self._access is None:
            response = self._send("POST", auth.path, {}, {"data": {"grant_type": "refresh_token"} | self._secret})
            if response.status_code in AGAIN:
                raise httpx.RemoteProtocolError("the token could not be asked for now")
            if not response.is_success:
                raise self._refusal("POST", auth.path, response)
            told = json.loads(response.content)
            self._access = str(told["access_token"])
            if told.get("refresh_token", self._secret["refresh_token"]) != self._secret["refresh_token"]:
                self._secret["refresh_token"] = told["refresh_token"]
                self._renewed(dict(self._secret))
        return self._access

    def _refusal(self, method: str, path: str, response: httpx.Response) -> VendorFailed:
        status, title = response.status_code, self._vendor.title
        where = f"{title} answered {status}{_word(response)} to {method} {path}"
        if status == 401:
            return VendorRefused(f"{where}: it does not know the secret. Give the connection a new one.")
        if status == 403:
            return VendorRefused(f"{where}: the secret is not allowed to read this. Allow it there, or leave this out.")
        if status in {301, 302, 307, 308}:
            return VendorFailed(f"{where} and sends elsewhere, which we do not follow with a secret in hand.")
        return VendorFailed(f"{where}, which no second try changes.")

    def _keep_pace(self, per_second: float) -> None:
        now = self._clock.now().timestamp()
        if now < self._next:
            self._clock.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / per_second

    def _pause(self, attempt: int, told: str | None) -> float:
        """Seconds to wait: as many as the vendor says, in either of the two forms it may; else longer each time."""
        if told:
            try:
                return max(0.0, float(told))
            except ValueError:
                pass
            try:
                return max(0.0, (parsedate_to_datetime(told) - self._clock.now()).total_seconds())
            except (ValueError, TypeError):
                pass
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)) * (0.5 + self._clock.dice() / 2)

    def _wait(self, seconds: float, why: str) -> None:
        self._waited += seconds
        if self._waited > MOST_WAITING:
            raise VendorFailed(
                f"{self._vendor.title} wants us to wait for {self._waited:,.0f} seconds ({why}). Nothing was lost; the next "
                "sync goes on where this one stopped."
            )
        self._clock.sleep(seconds)

    def _told_at(self, response: httpx.Response) -> datetime:
        """When this was, by the vendor's clock: its changes bear its time, not ours."""
        try:
            return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError):
            return self._clock.now()


def _word(response: httpx.Response) -> str:
    """The vendor's own word for the kind of error, where it is one: an answer may repeat what people entered."""
    try:
        told = json.loads(response.content)
    except ValueError:
        return ""
    for place in ("error.code", "error.type", "category", "code", "error"):
        word = at(place, told)
        if isinstance(word, str) and WORD.fullmatch(word):
            return f" ({word})"
    return ""


@contextmanager
def opened(client: Client) -> Iterator[Client]:
    """A client that lets go of its connection at the end."""
    try:
        yield client
    finally:
        client.close()
