"""Files that take much of the desk away at once are handed out only to who has just shown that it is them (SPEC section 9)."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import confirming


def hand_out(make: Callable[[], ResponseReturnValue], *, what: str, back: str) -> ResponseReturnValue:
    """What `make` makes, where the person showed in the last five minutes that it is them; else the question for the password, whose
    answer is posted to the same address with everything that was posted before.

    `what` is the file in words, `back` the address of the page that it belongs to. The route takes GET or POST, and does not hold
    the write lock (`requires(…, writes=False)`); `make` begins its own transaction if it writes.
    """
    if request.method == "GET" or "password" not in request.form:
        wrong, asked = "", not confirming.lately()
    else:
        wrong = confirming.fault()
        asked = bool(wrong)
    if not asked:
        return make()
    kept = {name: value for name, value in request.form.items() if name not in ("csrf_token", "password")}
    page = render_template(
        "accounts/hand_out.html", what=what, back=back, kept=kept, error=wrong, here=request.full_path
    )
    return page, 422 if wrong else 200
