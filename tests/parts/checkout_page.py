"""The page at checkout.stripe.com as a customer sees it: what it costs, a button that pays, and the way back to the shop.

localstripe knows the session and moves the money; it has no page. This is the page, over TLS and under Stripe's own name,
since a browser holds the redirect of a form against the shop's Content-Security-Policy. Chromium finds it by `argument`.
"""

from __future__ import annotations

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.parts.localstripe import LocalStripe
from tests.parts.tls import LittleAuthority

HOST = "checkout.stripe.com"


class CheckoutPage:
    """Serves every open session of `stripe` at https://checkout.stripe.com/c/pay/ID, for one browser."""

    def __init__(self, stripe: LocalStripe, authority: LittleAuthority) -> None:
        page, self._stripe = self, stripe
        self.asked: list[str] = []
        """'GET' and 'POST', as the browser came"""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                session = page.session(self.path)
                money = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
                words = html.escape(str(session["client_reference_id"] or ""))
                body = "<!doctype html><html lang=en><title>Pay</title><link rel=icon href='data:,'>"
                body += f"<main><h1>{money}</h1><p>{words}</p>"
                body += (
                    f'<form method=post action="{html.escape(self.path)}"><button>Pay</button></form></main>'
                )
                self._answer(200, body=body.encode())

            def do_POST(self) -> None:
                session = page.session(self.path)
                page._stripe.pay(f"{page._stripe.url}/pay/{session['id']}")
                self._answer(303, Location=session["success_url"])

            def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
                page.asked.append(self.command)
                self.send_response(status)
                for name, value in {"Content-Type": "text/html", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = authority.issue("checkout", hosts=(HOST,)).server_context()
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def session(self, path: str) -> Any:
        """The session that a path names."""
        return self._stripe.session(path.rpartition("/")[2])

    @property
    def argument(self) -> str:
        """How Chromium is told where the page is."""
        return f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._stripe.pages(f"https://{HOST}/c/pay")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
