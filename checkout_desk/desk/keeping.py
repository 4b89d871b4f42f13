"""HTML that is kept in this process under everything that it shows: parts of the frame, messages of a thread.

A page is mostly what the last page was. What is kept is bounded and thrown away as a whole when there is too much; its
key holds whatever may change and whom it was made for (the tokens in its forms belong to a session).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from flask import current_app, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

MOST = 3000
"""pieces, of about 3 kB each"""


def kept(key: tuple[Hashable, ...], make: Callable[[], str]) -> Markup:
    """The HTML for `key` and this session, made by `make` (a template of ours) the first time."""
    generate_csrf()  # or a session's first page would be kept for everybody, with its tokens
    pieces: dict[Hashable, Markup] = current_app.extensions.setdefault("desk_kept", {})
    whole = (key, request.script_root, session["csrf_token"])
    found = pieces.get(whole)
    if found is None:
        found = Markup(make())  # noqa: S704 - a rendered template
        if len(pieces) >= MOST:
            pieces.clear()
        pieces[whole] = found
    return found
