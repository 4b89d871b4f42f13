"""PayPal's API: one call with a token, and what its faults mean."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from checkout_desk.payments.providers import http
from checkout_desk.payments.providers.model import Access, ProviderFault, Unreachable

_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()


class NotThere(ProviderFault):
    """PayPal does not know this order."""


def asked(
    access: Access, method: str, path: str, body: Mapping[str, Any] | None = None, *, request_id: str = ""
) -> dict[str, Any]:
    """A call that has to succeed; its answer. Raises ProviderFault."""
    status, answer = call(access, method, path, body, request_id=request_id)
    if status in (200, 201):
        return answer
    raise refusal(status, answer)


def refusal(status: int, answer: Mapping[str, Any]) -> ProviderFault:
    """What an answer without success means."""
    if status == 404:
        return NotThere("PayPal does not know it.")
    if status >= 500:
        return Unreachable(f"PayPal answered {status}.", asked=True)
    words = issue(answer) or str(answer.get("name") or answer.get("error") or status)
    return ProviderFault(f"PayPal refused: {words}."[:300])


def issue(answer: Mapping[str, Any]) -> str:
    """PayPal's word for what is wrong."""
    details = answer.get("details") or [{}]
    return str(details[0].get("issue") or "")


def call(
    access: Access,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    raw: bytes | None = None,
    request_id: str = "",
) -> tuple[int, dict[str, Any]]:
    """One call with a token; a token that PayPal no longer takes is fetched anew once. Raises Unreachable."""
    data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
    for fresh in (False, True):
        headers = {
            "Authorization": f"Bearer {_token(access, fresh=fresh)}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Prefer": "return=representation",
        }
        if request_id:
            headers["PayPal-Request-Id"] = request_id
        reply = http.fetch(method, access.base + path, headers=headers, body=data)
        if reply.status != 401:
            break
    return reply.status, _json(reply.body)


def _token(access: Access, *, fresh: bool) -> str:
    """An OAuth token of the method's client, kept in this process until a minute before its end."""
    key = (access.base, str(access.settings.get("client_id")))
    with _lock:
        kept = _tokens.get(key)
    if kept and not fresh and kept[1] > time.monotonic():
        return kept[0]
    basic = base64.b64encode(f"{key[1]}:{access.secrets.get('client_secret', '')}".encode()).decode()
    reply = http.fetch(
        "POST",
        f"{access.base}/v1/oauth2/token",
        headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({"grant_type": "client_credentials"}).encode(),
    )
    answer = _json(reply.body)
    if reply.status >= 500:
        raise Unreachable(f"PayPal answered {reply.status}.", asked=False)
    if reply.status != 200 or not answer.get("access_token"):
        raise ProviderFault("PayPal does not accept the client id and secret of this method.")
    token = str(answer["access_token"])
    with _lock:
        _tokens[key] = token, time.monotonic() + float(answer.get("expires_in") or 0) - 60
    return token


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
