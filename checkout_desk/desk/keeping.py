"""HTML that is kept in this process under everything that it shows: parts of the frame, messages of a thread.

A page is mostly what the last page was. What is kept is bounded and thrown away as a whole when there is too much; its
key holds whatever may change and whom it was made for (the tokens in its forms belong to a session).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from flask import Flask, current_app, render_template, request, session
from markupsafe import Markup

from checkout_desk.web.tokens import csrf_token


def init_app(app: Flask) -> None:
    """Give templates `kept_part(name, …)`."""
    app.jinja_env.globals["kept_part"] = kept_part


def kept_part(name: str, **facts: Any) -> Markup:
    """The template `name` with nothing but `facts` in its context: plain values, lists and dicts, which are the key."""
    return kept((name, *(frozen(fact) for fact in facts.values())), lambda: render_template(name, **facts))


def frozen(value: Any) -> Hashable:
    """Lists and dicts, however deep, as tuples."""
    if isinstance(value, dict):
        return tuple([(key, frozen(one)) for key, one in value.items()])
    if isinstance(value, list | tuple):
        return tuple([frozen(one) for one in value])
    found: Hashable = value
    return found


MOST = 1_500_000
"""characters that one process keeps; what lies beside them (keys, two bytes for ’ and ü) makes it about 6 MB"""


def kept(key: tuple[Hashable, ...], make: Callable[[], str]) -> Markup:
    """The HTML for `key` and this session, made by `make` (a template of ours) the first time."""
    csrf_token()  # or a session's first page would be kept for everybody, with its tokens
    pieces: dict[Hashable, Markup] = current_app.extensions.setdefault("desk_kept", {})
    whole = (key, request.script_root, session["csrf_token"])
    found = pieces.get(whole)
    if found is None:
        found = Markup(make())  # noqa: S704 - a rendered template
        size = current_app.extensions.get("desk_kept_size", 0) + len(found)
        if size > MOST:
            pieces.clear()
            size = len(found)
        current_app.extensions["desk_kept_size"] = size
        pieces[whole] = found
    return found


LATEST = 64
"""values that `latest` keeps in one process: a page of the queue is about sixty kilobytes, a quote two"""

Value = TypeVar("Value")
_ORDERING = Lock()
"""threads of one process share what is kept; who is the oldest is found while nobody changes it"""


def latest(
    key: tuple[Hashable, ...],
    stamp: Hashable,
    make: Callable[[], Value],
    *,
    lasting: Callable[[Value], bool] | None = None,
) -> Value:
    """What `make` answered for `key` the last time, if `stamp` is what it was then; else its answer now.

    `stamp` changes whenever the answer may: as the tag of a polled fragment does. The key tells whom it was made for;
    the one asked for longest ago leaves first. An answer that is not `lasting` is given once and not kept.
    """
    values: dict[Hashable, tuple[Hashable, Value]] = current_app.extensions.setdefault("desk_latest", {})
    found = values.get(key)
    if found is None or found[0] != stamp:
        found = stamp, make()
        if lasting is not None and not lasting(found[1]):
            return found[1]
    with _ORDERING:
        values.pop(key, None)
        values[key] = found
        while len(values) > LATEST:
            del values[next(iter(values))]
    return found[1]


class Pieces:
    """The parts of one page as HTML, each made for a session when it is first shown. They live as long as the context."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.context = context
        self.made: dict[Hashable, Markup] = {}

    def __call__(self, name: str, **facts: str) -> Markup:
        """The template `name`, over the context and `facts`."""
        csrf_token()  # as in `kept`
        key = (name, *facts.values(), session["csrf_token"])
        found = self.made.get(key)
        if found is None:
            made = render_template(name, **self.context, **facts)
            found = self.made[key] = Markup(made)  # noqa: S704 - a rendered template
        return found
