"""A stateful Stripe on this machine (localstripe), that delivers signed web hooks over HTTP."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import importlib.util
import json
import shutil
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests.parts.process import PartMissing, Server, free_port, short_folder

ROOT = Path(__file__).parent.parent.parent
KEY = "sk_test_12345"
SECRET = "whsec_of_the_tests"


class LocalStripe:
    """One server; `forget` empties it. What the tests do as customers and as Stripe are its methods."""

    def __init__(self) -> None:
        self.folder = short_folder("stripe")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = Server("localstripe", log=self.folder / "log")

    def start(self) -> Self:
        """Start, and return when it answers."""
        if importlib.util.find_spec("localstripe") is None:
            raise PartMissing("Stripe: the Python package localstripe is not installed (run `make test`)")
        self._server.spawn([sys.executable, "-m", "tests.parts.localstripe_server", str(self.port)], cwd=ROOT)
        self._server.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call("GET", "/v1/events") is not None
        return False

    def call(self, method: str, path: str, **fields: str) -> Any:
        """One call of the API, as JSON."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {KEY}"}
            if method == "POST":
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            link.request(method, path, urlencode(fields) if method == "POST" else None, headers)
            answer = link.getresponse()
            body = answer.read()
            assert answer.status < 400, body
            return json.loads(body) if body else {}
        finally:
            link.close()

    def tell(self, url: str, *, secret: str = SECRET) -> None:
        """Deliver web hooks to `url`, signed with `secret`, about a second after what they tell of."""
        self.call("POST", "/_config/webhooks/desk", url=url, secret=secret)

    def pages(self, base: str) -> None:
        """From now on the customer's page of a session is at `base`/ID; someone else has to serve it."""
        self.call("POST", "/_config/pages", base=base)

    def pay(self, page: str) -> None:
        """The customer pays on the page at this address."""
        self.call("POST", page.removeprefix(self.url))

    def session(self, ref: str) -> Any:
        """A Checkout Session."""
        return self.call("GET", f"/v1/checkout/sessions/{ref}")

    def events(self, *kinds: str) -> list[Any]:
        """What happened, oldest first; of these kinds where some are named."""
        found = self.call("GET", "/v1/events?limit=100")["data"]
        return [event for event in found if not kinds or event["type"] in kinds]

    def refunds(self, intent: str) -> list[Any]:
        """The refunds of a payment."""
        found: list[Any] = self.call("GET", f"/v1/refunds?payment_intent={intent}")["data"]
        return found

    def lose(self, answers: int = 1) -> None:
        """Let the next answers get lost, after the work is done."""
        self.call("POST", f"/_config/lose/{answers}")

    def forget(self) -> None:
        """Be empty, and tell nobody."""
        self.call("POST", "/_config/forget")
        self.tell("http://127.0.0.1:9/nobody")

    def stop(self) -> None:
        """End, and remove what was made."""
        self._server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """The header Stripe-Signature for these bytes (HMAC-SHA-256 of time, a full stop and the body)."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
