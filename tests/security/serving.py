"""A desk at work, served to a real browser from this process."""

from __future__ import annotations

import shutil
import threading
from types import TracebackType
from typing import Any, Self

from flask.testing import FlaskClient
from waitress import create_server

from tests.builders import Shop
from tests.databases import SqliteTemplate
from tests.parts.process import free_port, short_folder
from tests.signing import open_desk, signed_in


class Served:
    """A shop on SQLite and its pages at `url`. `cookies(role)` are those of a browser that is signed in."""

    def __init__(self, template: SqliteTemplate, **overrides: Any) -> None:
        self._home = short_folder("served")
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{self.address}"
        self.app = open_desk(
            self._home, url=self.url, database_url=template.copy(self._home / "desk.db"), **overrides
        )
        self.shop = Shop(self.app)
        self._server = create_server(self.app, host="127.0.0.1", port=port, threads=8, ident=None)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.task_dispatcher.shutdown()
        self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def client(self, role: str) -> FlaskClient:
        """A client of the test kind that is signed in."""
        return signed_in(self.app, self.shop.person(role))

    def cookies(self, role: str) -> list[dict[str, Any]]:
        """For Playwright's `add_cookies`."""
        cookie = self.client(role).get_cookie("desk", domain="127.0.0.1")
        assert cookie is not None
        return [{"name": "desk", "value": cookie.value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}]
