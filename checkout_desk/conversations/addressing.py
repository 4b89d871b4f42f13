"""The signed reply address: it carries the conversation, so that an answer finds home without any header.

`orders+<token><mac>@shop.example`: 128 random bits of the conversation and 40 bits of HMAC, in base 32 (mail systems
change the case of local parts, RFC 5321 says they should not).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from flask import current_app

from checkout_desk.secrets import signing_keys

TOKEN = 26
MAC = 8
MAX_LOCAL = 64
"""characters before the @ (RFC 5321, 4.5.3.1.1)"""
_LOCAL = re.compile(rf"\+([a-z2-7]{{{TOKEN}}})([a-z2-7]{{{MAC}}})@", re.IGNORECASE)


def new_token() -> str:
    """128 random bits as 26 lower-case base 32 letters."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _mac(token: str, key: str | None = None) -> str:
    signed = (key or current_app.config["SECRET_KEY"]).encode()
    mac = hmac.new(signed, b"reply-address:" + token.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac).decode()[:MAC].lower()


def reply_address(address: str, token: str) -> str:
    """The mailbox `address` with the conversation's signed token as its plus part (unless that were too long)."""
    local, _, domain = address.rpartition("@")
    signed = f"{local}+{token}{_mac(token)}"
    return f"{signed}@{domain}" if len(signed) <= MAX_LOCAL else address


def plain(address: str) -> str:
    """An address of ours without its token, for the screen."""
    return _LOCAL.sub("@", address)


def tokens(addresses: Iterable[str]) -> list[str]:
    """The conversation tokens with a right signature among these addresses, in order."""
    found = []
    for address in addresses:
        match = _LOCAL.search(address or "")
        if match:
            token, mac = match[1].lower(), match[2].lower()
            if (
                any(hmac.compare_digest(mac, _mac(token, key)) for key in signing_keys())
                and token not in found
            ):
                found.append(token)
    return found
