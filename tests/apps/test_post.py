"""Mails leave by SMTP, over a real socket; a server that refuses gets them again later."""

import email
import email.policy
import shutil
import socketserver
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from apps.identity import post
from tests.houses import forget_everything
from warehouse.oltp.engine import engine, reading, writing
from warehouse.oltp.identity import Mail
from warehouse.operations.mail import send_mail


class Receiver(socketserver.StreamRequestHandler):
    """As much SMTP as a sender needs."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode() if line.split() else ""
            if verb == "DATA":
                self._say("354 go on")
                self._take()
            elif verb == "RCPT" and self.server.refuses:
                self._say("550 no such person")
            elif verb == "QUIT":
                return self._say("221 bye")
            else:
                self._say("250 fine")
        return None

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.taken.append(b"".join(lines))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it was sent."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.taken: list[bytes] = []
        self.refuses = False

    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.taken]


@pytest.fixture
def server(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("LONGHOUSE_HOME", str(tmp_path))
        monkeypatch.setenv("LONGHOUSE_SMTP_URL", f"smtp://127.0.0.1:{made.server_address[1]}")
        monkeypatch.setenv("LONGHOUSE_MAIL_FROM", "Longhouse <house@acme.test>")
        forget_everything()
        shutil.copy(empty_store, tmp_path)
        yield made
        made.shutdown()
        engine().dispose()
        forget_everything()


def _send(text: str = "a link\n.\nübrigens") -> str:
    with writing() as session:
        return send_mail(session, "ana@acme.test", "Grüße", text).id


def _mail(mail_id: str) -> Mail:
    with reading() as session:
        return session.get_one(Mail, mail_id)


def test_a_mail_arrives_as_it_was_written(server: Server) -> None:
    sent = _send()
    assert post.post_due() == 1
    (mail,) = server.mails()
    assert (mail["To"], mail["From"], mail["Subject"]) == ("ana@acme.test", "Longhouse <house@acme.test>", "Grüße")
    assert mail.get_content().split() == ["a", "link", ".", "übrigens"]
    assert mail["Message-ID"] == f"<{sent}@acme.test>"
    assert _mail(sent).sent_at is not None
    assert post.post_due() == 0


def test_a_refused_mail_waits_for_its_next_turn_with_the_servers_words(server: Server) -> None:
    server.refuses = True
    sent = _send()
    assert post.post_due() == 0
    assert (_mail(sent).attempts, _mail(sent).sent_at) == (1, None)
    assert "no such person" in str(_mail(sent).problem)
    server.refuses = False
    assert post.post_due() == 0
    with writing() as session:
        mail = session.get_one(Mail, sent)
        mail.next_attempt_at = mail.created_at
    assert post.post_due() == 1


def test_a_server_that_is_away_loses_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.shutdown()
    server.server_close()
    sent = _send()
    assert post.post_due() == 0
    assert "Refused" in str(_mail(sent).problem)
    assert _mail(sent).text is not None


def test_what_is_written_while_serving_goes_by_itself(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "LOOK_SECONDS", 0.05)
    with post.posting():
        _send()
        deadline = time.monotonic() + 10
        while not server.taken and time.monotonic() < deadline:
            time.sleep(0.02)
    assert len(server.taken) == 1
