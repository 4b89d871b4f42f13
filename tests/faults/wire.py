"""A visitor's line to a running desk: real HTTP from an address of its own, with cookies, for `tests.page.Browser`."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page wants to know of its request."""

    path: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as far as a page looks at it."""

    status_code: int
    request: Asked
    headers: Mapping[str, str]
    body: str = field(repr=False)

    @property
    def mimetype(self) -> str:
        """The type of the body without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def get_data(self, *, as_text: bool = True) -> str:
        """The body."""
        return self.body


class Wire:
    """One visitor. `source` is their own address of this machine, so that no brake takes many for one."""

    def __init__(self, port: int, *, source: str = "127.0.0.1") -> None:
        self._port, self._source = port, source
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, follow_redirects: bool = False, query_string: Any = None, **_: Any) -> Reply:
        """GET a page of the desk."""
        return self._ask(f"{path}?{urlencode(query_string)}" if query_string else path, follow_redirects)

    def post(self, path: str, *, data: Mapping[str, Any], follow_redirects: bool = False, **_: Any) -> Reply:
        """POST a form to the desk."""
        return self._ask(path, follow_redirects, urlencode(data, doseq=True))

    def _ask(self, path: str, follow: bool, form: str | None = None) -> Reply:
        reply = self._once(path, form)
        for _ in range(5):
            to = urljoin(f"http://127.0.0.1:{self._port}{path}", reply.headers.get("location", ""))
            if not follow or reply.status_code not in (302, 303) or urlsplit(to).port != self._port:
                break
            path = urlsplit(to)._replace(scheme="", netloc="", fragment="").geturl()
            reply = self._once(path)
        return reply

    def _once(self, path: str, form: str | None = None) -> Reply:
        link = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=60, source_address=(self._source, 0)
        )
        try:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            if form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                headers["Origin"] = f"http://127.0.0.1:{self._port}"
            link.request("GET" if form is None else "POST", path, form, headers)
            answer = link.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                for name, morsel in SimpleCookie(line).items():
                    self._cookies[name] = morsel.value
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(
                answer.status, Asked(urlsplit(path).path), told, answer.read().decode(errors="replace")
            )
        finally:
            link.close()
