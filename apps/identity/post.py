"""Sends what is in the outbox, by SMTP, beside the serving process."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from apps.beside import beside
from warehouse.oltp.engine import store_exists, writing
from warehouse.operations.inbox import mail_notices
from warehouse.operations.mail import Letter, note_failed, note_sent, take_due
from warehouse.settings import settings

LOOK_SECONDS = 2.0
TIMEOUT_SECONDS = 20
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PORTS = {"smtp": 587, "smtps": 465}


@contextmanager
def posting() -> Iterator[None]:
    """Send mails while this lasts; without an SMTP server in the settings they stay in the outbox."""
    if not settings().smtp_url:
        yield
        return
    with beside(post_due, LOOK_SECONDS, "posted"):
        yield


def post_due() -> int:
    """Send every mail that is due, and note how it went; how many were sent."""
    if not store_exists():
        return 0
    with writing() as session:
        mail_notices(session, datetime.now(UTC))
        letters = take_due(session, datetime.now(UTC))
    sent = 0
    for letter in letters:
        problem = _post(letter)
        with writing() as session:
            if problem is None:
                note_sent(session, letter.id, datetime.now(UTC))
                sent += 1
            else:
                note_failed(session, letter.id, problem, datetime.now(UTC))
    return sent


def _post(letter: Letter) -> str | None:
    """Hand one mail over; None, or why it did not go."""
    try:
        with _server(urlsplit(settings().smtp_url)) as server:
            server.send_message(_message(letter))
    except (OSError, smtplib.SMTPException, ValueError) as failure:
        return f"{type(failure).__name__}: {failure}"
    return None


def _server(address: SplitResult) -> smtplib.SMTP:
    """A connection to the SMTP server: TLS from the start for smtps, else wherever the server offers it.

    Raises SMTPException rather than send a password in the open.
    """
    host, port = address.hostname or "localhost", address.port or PORTS.get(address.scheme, PORTS["smtp"])
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
    if address.username:
        if not isinstance(server.sock, ssl.SSLSocket) and host not in LOOPBACK:
            raise smtplib.SMTPException(f"{host} offers no TLS, and the password is not sent without it")
        server.login(unquote(address.username), unquote(address.password or ""))
    return server


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings().mail_from, letter.to, letter.subject
    message["Date"] = formatdate(localtime=False)
    # The same id at every try: a server that had it already can tell.
    message["Message-ID"] = f"<{letter.id}@{settings().mail_from.rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    for one in letter.files:
        kind, _, sort = one.kind.partition("/")
        read_as = {"charset": "utf-8"} if kind == "text" else None
        message.add_attachment(one.content, maintype=kind, subtype=sort, filename=one.name, params=read_as)
    return message
