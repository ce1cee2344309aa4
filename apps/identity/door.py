"""What every request passes first: who asks, one address, TLS in production, safe headers and cookies."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.identity.address import CALLBACK_PATH, canonical_host
from apps.identity.proxies import seen_through

FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}
A_YEAR = "max-age=31536000"
FORMS = "/idp/"
LARGEST_FORM = 100_000
"""Bytes of a form of the sign-in pages; a password has 200 characters."""
PROBES = {"/health", "/api/health", "/api/health/live", "/api/health/ready", "/metrics"}
"""May be asked without TLS: a probe beside the server sends no secret."""
PLAIN_REFUSED = (
    "Longhouse answers over HTTPS only. If TLS ends in a proxy in front of it, name that proxy's address in "
    "LONGHOUSE_TRUSTED_PROXIES and let it send X-Forwarded-Proto.\n"
)


class Door:
    """Middleware around everything; `origin` is the one public address. With `tls`, plain HTTP is refused."""

    def __init__(self, app: ASGIApp, origin: str, *, tls: bool = False) -> None:
        self._app = app
        self._origin = origin
        self._tls = tls
        self._scheme, self._host = origin.split("://", 1)
        self._encrypted = self._scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect a page asked for under another name, refuse foreign sockets, else pass on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope = seen_through(scope)
        if scope["type"] == "websocket":
            if self._is_plain(scope) or self._is_foreign(Headers(scope=scope)):
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        if self._is_plain(scope):
            await PlainTextResponse(PLAIN_REFUSED, 403)(scope, receive, send)
            return
        too_much = self._too_much(scope)
        if too_much is not None:
            await too_much(scope, receive, send)
            return
        target = self._elsewhere(scope)
        if target:
            await RedirectResponse(target, 307, {"Cache-Control": "no-store"})(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, dressed)

    def _elsewhere(self, scope: Scope) -> str | None:
        """The address to ask instead of this one, if there is a better one."""
        if self._is_misnamed_page(scope):
            return self._proper(scope)
        # Streamlit comes back from a sign-out to the address that receives codes, and would warn that it got none.
        came_back = scope["path"] == CALLBACK_PATH and not scope["query_string"]
        return f"{self._origin}/" if came_back else None

    def _too_much(self, scope: Scope) -> Response | None:
        """The refusal of a form nobody can have filled in: it would be read whole before anybody looked at it."""
        if scope["method"] != "POST" or not scope["path"].startswith(FORMS):
            return None
        told = Headers(scope=scope).get("content-length", "")
        if not told.isdecimal():
            return PlainTextResponse("Say how long the form is, in Content-Length.\n", 411)
        return PlainTextResponse("This form is too large.\n", 413) if int(told) > LARGEST_FORM else None

    def _is_plain(self, scope: Scope) -> bool:
        """Whether this came without TLS where TLS is a must."""
        return self._tls and scope["scheme"] in {"http", "ws"} and scope["path"] not in PROBES

    def _is_foreign(self, headers: Headers) -> bool:
        """Streamlit would ask a server on the internet for our own address before it refused a foreign origin."""
        origin = headers.get("origin")
        return origin is not None and origin not in {self._origin, f"{self._scheme}://{headers.get('host')}"}

    def _is_misnamed_page(self, scope: Scope) -> bool:
        """Whether a browser asks for a page under a name whose cookies the sign-in would not find."""
        headers = Headers(scope=scope)
        host = canonical_host(headers.get("host", ""), self._scheme)
        # A proxy may rename the host on its way to us, and TLS can only end in one: then a redirect would never end.
        proxied = self._encrypted or any(name in headers for name in FORWARDED)
        wants_page = scope["method"] in {"GET", "HEAD"} and "text/html" in headers.get("accept", "")
        return wants_page and not proxied and host not in {"", self._host}

    def _proper(self, scope: Scope) -> str:
        query = scope["query_string"].decode("latin-1")
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        return f"{self._origin}{path}{'?' if query else ''}{query}"

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._encrypted:
            headers.setdefault("Strict-Transport-Security", A_YEAR)
            self._keep_cookies_on_tls(headers)

    def _keep_cookies_on_tls(self, headers: MutableHeaders) -> None:
        cookies = headers.getlist("set-cookie")
        del headers["set-cookie"]
        for cookie in cookies:
            flags = {part.strip().lower() for part in cookie.split(";")}
            headers.append("set-cookie", cookie if "secure" in flags else f"{cookie}; Secure")
