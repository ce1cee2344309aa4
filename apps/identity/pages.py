"""The provider's few pages, rendered on the server; every value is escaped on its way in."""

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

from apps.identity.address import canonical_origin

TAGLINE = "Every team under one roof; every number with a receipt."
MARK = Path(__file__).parents[1] / "ui" / "static" / "longhouse.svg"

STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --panel: #f5f4f0; --text: #0f1a1e; --quiet: #4b585c;
  --border: #d9d6cd; --field: #ffffff; --primary: #0b5f5f; --on-primary: #ffffff; --red: #b3261e; --red-back: #fbeceb; }
@media (prefers-color-scheme: dark) { :root { --back: #12191b; --panel: #1c2528; --text: #e8ecea; --quiet: #a9b4b2;
  --border: #344045; --field: #12191b; --primary: #5cc4b8; --on-primary: #0c1c1b; --red: #f2a9a3; --red-back: #3a211f; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 24px 16px;
  background: var(--back); color: var(--text); font: 16px/1.5 "Source Sans", "Source Sans 3", system-ui, sans-serif; }
main { width: 100%; max-width: 400px; background: var(--panel); border: 1px solid var(--border); border-radius: 12px;
  padding: 32px; }
header { display: flex; align-items: center; gap: 12px; }
header svg { width: 40px; height: 40px; flex: none; }
header b { font-size: 1.25rem; }
.tagline { margin: 8px 0 24px; color: var(--quiet); font-size: .95rem; }
h1 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 16px; }
label { display: block; font-weight: 600; margin: 16px 0 6px; }
input { width: 100%; min-height: 44px; padding: 9px 12px; font: inherit; color: inherit; background: var(--field);
  border: 1px solid var(--border); border-radius: 8px; }
button, .button { display: block; width: 100%; min-height: 44px; margin-top: 24px; padding: 9px 16px; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; border: 0; border-radius: 8px; cursor: pointer;
  background: var(--primary); color: var(--on-primary); }
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--primary); outline-offset: 2px; }
[role=alert] { margin: 0 0 4px; padding: 10px 12px; border-radius: 8px; border: 1px solid var(--red);
  background: var(--red-back); color: var(--red); }
p { overflow-wrap: anywhere; }
.hint, .aside { color: var(--quiet); font-size: .9rem; margin: 6px 0 0; }
.aside { text-align: center; margin: 20px 0 0; }
a { color: var(--primary); }
.rule { display: flex; align-items: center; gap: 12px; margin: 24px 0 0; color: var(--quiet); font-size: .9rem; }
.rule::before, .rule::after { content: ""; flex: 1; border-top: 1px solid var(--border); }
.button.other { margin-top: 12px; background: var(--field); color: var(--text); border: 1px solid var(--border); }
.qr { display: block; width: 196px; margin: 16px auto; padding: 8px; background: #ffffff; border-radius: 8px;
  border: 1px solid var(--border); }
.qr svg { display: block; width: 100%; height: auto; }
.secret, .codes { font-family: ui-monospace, "Source Code Pro", monospace; font-size: .95rem; }
.secret { text-align: center; overflow-wrap: anywhere; margin: 0; }
.codes { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin: 16px 0 0; padding: 16px; list-style: none;
  background: var(--field); border: 1px solid var(--border); border-radius: 8px; text-align: center; }
@media (max-width: 380px) { .codes { grid-template-columns: 1fr; } }
.code { color: var(--quiet); font-size: .875rem; margin-bottom: 0; }
@media (max-width: 440px) { main { padding: 24px 20px; } }
"""

FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title · Longhouse</title>
<link rel="icon" href="data:image/svg+xml;base64,$icon">
<style>$style</style>
</head>
<body>
<main>
<header>$mark<b>Longhouse</b></header>
<p class="tagline">$tagline</p>
<h1>$title</h1>
$body
</main>
</body>
</html>
""")

MESSAGE = Template('<p>$text</p>\n<a class="button" href="$address">$label</a>\n$code')
CODE = Template('<p class="code">$error</p>')


def refusal_page(error: str, description: str) -> HTMLResponse:
    """A request that no client of ours would send; there is no safe address to send the person back to."""
    text = "This sign-in link is incomplete or out of date. Start again from the first page."
    code = fill(CODE, error=f"{error}: {description}" if description else error)
    return _message("This link does not work", text, "Back to Longhouse", code, 400)


def signed_out_page() -> HTMLResponse:
    """The end of a sign-out that came without an address to return to."""
    return _message("Signed out", "You can close this window.", "Back to Longhouse", "", 200)


def unavailable_page(reason: str) -> HTMLResponse:
    """The operational store cannot be reached."""
    return _message("Sign-in is not possible right now", reason, "Try again", "", 503)


def told_page(title: str, text: str, status: int = 200) -> HTMLResponse:
    """One sentence, and the way back to the first page."""
    return _message(title, text, "Back to Longhouse", "", status)


def _message(title: str, text: str, label: str, code: str, status: int) -> HTMLResponse:
    address = f"{canonical_origin()}/"
    body = MESSAGE.substitute(text=escape(text), address=escape(address), label=escape(label), code=code)
    return page(title, body, status)


def fill(template: Template, **values: str) -> str:
    """A template with every value escaped."""
    return template.substitute({name: escape(value) for name, value in values.items()})


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A whole page around a body that is HTML already."""
    mark = _mark()
    html = FRAME.substitute(
        title=escape(title),
        icon=base64.b64encode(mark.encode()).decode(),
        style=STYLE,
        mark=mark.replace("<svg", '<svg aria-hidden="true"', 1),
        tagline=escape(TAGLINE),
        body=body,
    )
    return HTMLResponse(html, status, {"Cache-Control": "no-store", "Content-Security-Policy": _policy()})


@cache
def _mark() -> str:
    return MARK.read_text().strip()


@cache
def _policy() -> str:
    """Nothing may run or load here; the one style sheet is named by its digest."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
