"""The provider's forms. What is typed wrong is told above the field it concerns; every value is escaped."""

from collections.abc import Sequence
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from apps.identity.pages import fill, page
from apps.identity.qr import qr_svg
from warehouse.operations.invitations import Invited
from warehouse.operations.passwords import PASSWORD_MINIMUM
from warehouse.operations.second_factor import Enrolment

ALERT = Template('<p role="alert" id="problem">$text</p>\n')
HIDDEN = Template('<input type="hidden" name="$name" value="$value">\n')
FORM = Template("""$alert<form method="post" action="$action">
$hidden$fields<button type="submit">$button</button>
</form>""")
EMAIL = Template("""<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="320" value="$email" $focus>
""")
PASSWORD = Template("""<label for="password">$label</label>
<input id="password" name="password" type="password" autocomplete="$kind" required $focus>
""")
CODE = Template("""<label for="code">$label</label>
<input id="code" name="code" type="text" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required
 maxlength="40" $focus>
""")
AGAIN = """<label for="again">Once more</label>
<input id="again" name="again" type="password" autocomplete="new-password" required>
"""
NAME = Template("""<label for="name">Your name</label>
<input id="name" name="name" type="text" autocomplete="name" required maxlength="200" value="$name" $focus>
""")
JOIN = Template("<p>You are invited to join <b>$organization</b> as $role, with the address $email.</p>\n")
KNOWN = Template(
    "<p>There is an account with this address: sign in with it, and join on the page that follows.</p>\n"
    '<a class="button" href="$address">Sign in to join</a>'
)
LINK = Template('\n<p class="aside"><a href="$address">$text</a></p>')
OTHER = Template('\n<a class="button other" href="$address">Continue with $name</a>')


def sign_in_page(
    csrf: str,
    problem: str = "",
    email: str = "",
    status: int = 200,
    *,
    action: str = "",
    forgot: str = "forgot",
    others: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    """The form that asks for e-mail and password; `others` are (name, address) of outside providers."""
    fields = EMAIL.substitute(email=escape(email), focus="" if email else _focus(problem))
    fields += _password("Password", "current-password", _focus(problem) if email else "")
    body = _form(problem, action, {"csrf": csrf}, fields, "Sign in") + fill(
        LINK, address=forgot, text="Forgot password"
    )
    if others:
        body += '\n<p class="rule">or</p>' + "".join(fill(OTHER, address=at, name=name) for name, at in others)
    return page("Sign in", body, status)


def code_page(csrf: str, step: str, action: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The form that asks for the second factor."""
    hint = '<p class="hint">Lost your phone? Enter one of your recovery codes instead.</p>\n'
    fields = _code("Code from your authenticator app", problem) + hint
    return page("One more step", _form(problem, action, {"csrf": csrf, "step": step}, fields, "Continue"), status)


def enrol_page(
    csrf: str, step: str, action: str, enrolment: Enrolment, problem: str = "", status: int = 200
) -> HTMLResponse:
    """The form that sets up an authenticator app, for somebody whose organization asks for one."""
    told = (
        "<p>Your organization asks for a second step at sign-in. Scan this with an authenticator app, then enter the "
        "code it shows.</p>\n"
        f'<div class="qr">{qr_svg(enrolment.address)}</div>\n'
        f'<p class="hint">No camera? Type this into the app:</p>\n<p class="secret">{_grouped(enrolment.secret)}</p>\n'
    )
    fields = told + _code("Code the app shows now", problem)
    body = _form(problem, action, {"csrf": csrf, "step": step}, fields, "Turn on and continue")
    return page("Set up your authenticator app", body, status)


def recovery_page(csrf: str, step: str, action: str, codes: Sequence[str]) -> HTMLResponse:
    """The recovery codes, shown this once."""
    told = (
        "<p>Keep these recovery codes somewhere safe, away from your phone. Each lets you in once when the app is "
        "lost. They are not shown again.</p>\n"
        f'<ul class="codes">{"".join(f"<li>{escape(code)}</li>" for code in codes)}</ul>\n'
    )
    return page(
        "Your recovery codes", _form("", action, {"csrf": csrf, "step": step}, told, "I have kept them, continue")
    )


def forgot_page(csrf: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The form that asks for the e-mail a link is sent to."""
    told = "<p>Enter your e-mail address, and we send a link to choose a new password.</p>\n"
    fields = told + EMAIL.substitute(email="", focus=_focus(problem))
    return page("Forgot password", _form(problem, "", {"csrf": csrf}, fields, "Send the link"), status)


def reset_page(csrf: str, token: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The form that takes a new password."""
    hint = f'<p class="hint">At least {PASSWORD_MINIMUM} characters; several words work well.</p>\n'
    fields = _password("New password", "new-password", _focus(problem)) + hint + AGAIN
    hidden = {"csrf": csrf, "token": token}
    return page("Choose a new password", _form(problem, "", hidden, fields, "Change password"), status)


def join_page(
    csrf: str, token: str, invited: Invited, problem: str = "", name: str = "", status: int = 200
) -> HTMLResponse:
    """The form with which somebody new takes up an invitation."""
    told = fill(JOIN, organization=invited.organization, role=invited.access_role.value, email=invited.email)
    fields = told + NAME.substitute(name=escape(name or invited.name), focus=_focus(problem))
    hint = f'<p class="hint">At least {PASSWORD_MINIMUM} characters; several words work well.</p>\n'
    fields += _password("Choose a password", "new-password", "") + hint + AGAIN
    body = _form(problem, "", {"csrf": csrf, "token": token}, fields, f"Join {invited.organization}")
    return page(f"Join {invited.organization}", body, status)


def known_page(invited: Invited, address: str) -> HTMLResponse:
    """The way on for somebody who is invited and can sign in already."""
    told = fill(JOIN, organization=invited.organization, role=invited.access_role.value, email=invited.email)
    body = told + fill(KNOWN, address=address)
    return page(f"Join {invited.organization}", body)


def _form(problem: str, action: str, hidden: dict[str, str], fields: str, button: str) -> str:
    return FORM.substitute(
        alert=fill(ALERT, text=problem) if problem else "",
        action=escape(action),
        hidden="".join(fill(HIDDEN, name=name, value=value) for name, value in hidden.items()),
        fields=fields,
        button=escape(button),
    )


def _password(label: str, kind: str, focus: str) -> str:
    return PASSWORD.substitute(label=label, kind=kind, focus=focus)


def _code(label: str, problem: str) -> str:
    return CODE.substitute(label=label, focus=_focus(problem))


def _focus(problem: str) -> str:
    return 'autofocus aria-describedby="problem"' if problem else "autofocus"


def _grouped(secret: str) -> str:
    return escape(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))
