"""The doors of a running desk as senders, providers, the mail server and an agent's browser use them."""

from __future__ import annotations

import hashlib
import hmac
import html
import http.client
import itertools
import os
import re
import secrets
import smtplib
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.parts.dovecot import Dovecot

PATIENCE = 60.0
"""seconds; a bound for hanging, and what I10 allows a desk to become quiescent in"""
SECRET = "a secret that signs what a provider posts"
ADDRESS = "orders@shop.example"

_numbers = itertools.count(1)


def next_number() -> int:
    """A number that nothing in this run of the tests had before."""
    return next(_numbers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered: a code, or 0 when it died instead, and its words."""

    code: int
    words: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def letter(subject: str = "", *, extra: str = "", body: str = "Two blue mugs, please.") -> bytes:
    """A mail that no test has used before, from a customer that nobody knows."""
    number = next_number()
    return (
        f"From: Jane <jane{number}@customer.example>\r\nTo: {ADDRESS}\r\nSubject: {subject or f'Order {number}'}\r\n"
        f"Message-ID: <{number}.{secrets.token_hex(4)}@customer.example>\r\n"
        f"Date: Mon, 02 Nov 2026 09:12:00 +0000\r\nMIME-Version: 1.0\r\n{extra}\r\n{body}\r\n"
    ).encode()


class Doors:
    """What knocks, and remembers what was acknowledged."""

    port: int
    lmtp_port: int
    mailbox_id: int
    user: str
    dovecot: Dovecot
    environment: dict[str, str]
    acknowledged: list[bytes]
    on_server: int
    _cookie: str

    def _http(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request(
                method, path, body=body or None, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = link.getresponse()
            return Answer(answer.status, answer.read().decode(errors="replace"), dict(answer.getheaders()))
        finally:
            link.close()

    def by_lmtp(self, data: bytes) -> Answer:
        """Hand a mail to the listener; what it acknowledges is remembered."""
        try:
            with smtplib.LMTP("127.0.0.1", self.lmtp_port, local_hostname="mx.example", timeout=30) as link:
                link.sendmail("bounces@customer.example", [ADDRESS], data)
        except smtplib.SMTPSenderRefused as refusal:
            return Answer(refusal.smtp_code, str(refusal.smtp_error))
        except smtplib.SMTPRecipientsRefused as refusal:
            code, words = refusal.recipients[ADDRESS]
            return Answer(code, words.decode(errors="replace"))
        except smtplib.SMTPDataError as refusal:
            return Answer(refusal.smtp_code, str(refusal.smtp_error))
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            return Answer(0)
        self.acknowledged.append(data)
        return Answer(250)

    def by_http(self, data: bytes) -> Answer:
        """Post a mail, signed, as a provider does."""
        stamp = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + data, hashlib.sha256).hexdigest()
        try:
            answer = self._http(
                "POST",
                f"/mail/hook/{self.mailbox_id}",
                data,
                Content_Type="message/rfc822",
                X_Desk_Timestamp=stamp,
                X_Desk_Signature=f"sha256={signature}",
            )
        except (OSError, http.client.HTTPException):
            return Answer(0)
        if 200 <= answer.code < 300:
            self.acknowledged.append(data)
        return answer

    def by_imap(self, *mails: bytes) -> None:
        """Put mails into the mailbox that the desk reads."""
        for mail in mails:
            self.dovecot.deliver(self.user, mail)
            self.on_server += 1

    def by_import(self, data: bytes, **environment: str) -> Answer:
        """`checkout-desk import -`, as a line in .forward runs it."""
        done = subprocess.run(
            [sys.executable, "-m", "checkout_desk.cli", "import", "-", "--later"],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            env={**os.environ, **self.environment, **environment},
        )
        if done.returncode == 0:
            self.acknowledged.append(data)
        return Answer(done.returncode, done.stdout.decode() + done.stderr.decode())

    def by_door(self, door: str, data: bytes) -> Answer:
        """Hand a mail to the door of that name."""
        return {"lmtp": self.by_lmtp, "http": self.by_http, "import": self.by_import}[door](data)

    def form(self, conversation_id: int) -> dict[str, str]:
        """The fields of a reply as the agent's browser shows them."""
        page = self._http("GET", f"/conversations/{conversation_id}/compose/reply", Cookie=self._cookie).words
        form = page[page.index('<form id="reply"') :]
        values: dict[str, str] = {}
        for tag in re.findall(r"<input [^>]*>", form[: form.index("</form>")]):
            name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
            if name and 'type="file"' not in tag:
                values[name[1]] = html.unescape(value[1]) if value else ""
        if typed := re.search(r'<textarea [^>]*name="text"[^>]*>(.*?)</textarea>', form, re.DOTALL):
            values["text"] = html.unescape(typed[1]).lstrip("\n")
        return values

    def reply(self, conversation_id: int, text: str, form: Mapping[str, str] | None = None) -> Answer:
        """Send a reply as the agent's browser does, without JavaScript; a `form` that is given is sent again."""
        values = {**(form or self.form(conversation_id)), "text": text, "act": "send", "after": "wait"}
        try:
            return self._http(
                "POST",
                f"/conversations/{conversation_id}/send",
                urlencode(values).encode(),
                Content_Type="application/x-www-form-urlencoded",
                Cookie=self._cookie,
            )
        except (OSError, http.client.HTTPException):
            return Answer(0)
