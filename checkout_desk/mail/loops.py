"""The mark by which a mail of this very desk is known when somebody sends it back."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from checkout_desk.secrets import signing_keys


def loop_mark(message_id: str, *, key: str | None = None) -> str:
    """The mark of the mail with this Message-ID.

    Signed and bound to the id: another desk's mail is not ours, and nobody can hide a mail behind the mark. `key` is the desk's
    newest unless another one is given.
    """
    signed = (key or current_app.config["SECRET_KEY"]).encode()
    return hmac.new(signed, b"loop:" + message_id.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def is_our_mark(mark: str, message_id: str) -> bool:
    """Whether this desk made `mark` for the mail with this Message-ID."""
    given = mark.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, loop_mark(message_id, key=key).encode()) for key in signing_keys())
