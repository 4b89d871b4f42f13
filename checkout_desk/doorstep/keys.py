"""The cookie that a link is exchanged for, and the token of the form, which fits that cookie alone."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from checkout_desk.secrets import signing_keys

LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Key:
    """What the cookie says: which link opened the page, and a secret that this browser's forms carry."""

    link_id: int
    nonce: str


def set_cookie(response: Response, link_id: int) -> None:
    """Let this browser open the page of `link_id` for a while."""
    value = _signer("doorstep.cookie").dumps([link_id, secrets.token_urlsafe(16)])
    response.set_cookie(
        name(),
        value,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=_https(),
        httponly=True,
        samesite="Lax",
    )


def of_request() -> Key | None:
    """The key of this request, None without a cookie that we signed lately."""
    try:
        link_id, nonce = _signer("doorstep.cookie").loads(
            request.cookies.get(name(), ""), max_age=int(LASTS.total_seconds())
        )
    except (BadSignature, ValueError, TypeError):
        return None
    return Key(link_id, nonce) if isinstance(link_id, int) and isinstance(nonce, str) else None


def form_token(key: Key) -> str:
    """What the form of this page carries: another browser's, or another link's, will not do."""
    return str(_signer("doorstep.form").dumps([key.link_id, key.nonce]))


def fits(key: Key, token: str) -> bool:
    """Whether a posted token is the one of this cookie."""
    try:
        link_id, nonce = _signer("doorstep.form").loads(token, max_age=int(LASTS.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        return False
    return link_id == key.link_id and hmac.compare_digest(str(nonce).encode(), key.nonce.encode())


def name() -> str:
    """The cookie's name; browsers keep the __Host- form to this very host and to https."""
    return "__Host-order" if _https() else "order"


def _https() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_keys(), salt=purpose)
