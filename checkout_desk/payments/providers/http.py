"""The one way to a provider's API: resolved once, checked, without redirects, with limits of size and time (SECURITY A20)."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from checkout_desk.mail import hosts
from checkout_desk.payments.providers.model import Unreachable

SECONDS = 20.0
LARGEST = 2 * 2**20
"""bytes of an answer"""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, headers in lower case, and bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float = SECONDS
) -> Reply:
    """One request. Raises Unreachable; `asked` says whether the provider may have heard it."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if not secure and not hosts.plain_permitted(host):
        raise Unreachable("The provider's address does not begin with https.", asked=False)
    try:
        line = hosts.dial(host, parts.port or (443 if secure else 80), timeout=seconds)
        if secure:
            line = hosts.tls_context().wrap_socket(line, server_hostname=host)
    except hosts.HostRefused as refusal:
        raise Unreachable(str(refusal), asked=False) from None
    except (OSError, ssl.SSLError) as fault:
        raise Unreachable(f"{host} cannot be reached ({_words(fault)}).", asked=False) from fault
    link = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    link.sock = line
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        link.request(method, path, body=body, headers=dict(headers) | {"Connection": "close"})
        answer = link.getresponse()
        data = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as fault:
        raise Unreachable(f"{host} did not answer ({_words(fault)}).", asked=True) from fault
    finally:
        link.close()
    if len(data) > LARGEST:
        raise Unreachable(f"{host} answered more than can be read.", asked=True)
    return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)


def _words(fault: BaseException) -> str:
    if isinstance(fault, socket.timeout):
        return "time-out"
    return type(fault).__name__
