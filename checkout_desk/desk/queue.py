"""The queue: a view's list, polled, with the conversation that one is looking at beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.desk import listing, thread, thread_rows
from checkout_desk.desk.frame import VIEWS, View, frame
from checkout_desk.desk.keeping import latest
from checkout_desk.desk.paths import path
from checkout_desk.desk.versioning import version
from checkout_desk.desk.workspace import conversation_context
from checkout_desk.web import paging
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number
from checkout_desk.web.polling import not_modified

blueprint = Blueprint("queue", __name__)


@blueprint.get("/")
@requires("conversations.read")
def home() -> ResponseReturnValue:
    """The desk opens on what waits for an answer; for order processing on the new orders, while there are any."""
    around = frame()
    first = around.person.roles & {"support", "processing"} == {"processing"} and around.counts["new-orders"]
    return redirect(url_for("queue.show", view="new-orders" if first else "answer"))


@blueprint.get("/queue/<view>")
@requires("conversations.read")
def show(view: str) -> ResponseReturnValue:
    """One view as a page; `here` names the conversation in the reading pane, `after`/`before` are keyset cursors."""
    found = VIEWS.get(view) or abort(404)
    here = request.args.get("here", type=row_number)
    selected = conversation_context(here, pane=True) if here else None
    context = _list(found, here)
    peek = None if selected else _peek(context["first"])
    return render_template(
        "desk/queue.html", **{**context, "selected": False, "peek": peek, **(selected or {})}
    )


@blueprint.get("/queue/<view>/list")
@requires("conversations.read")
def rows(view: str) -> ResponseReturnValue:
    """The list alone, as the page asks for it every five seconds; 304 while nothing has changed."""
    found = VIEWS.get(view) or abort(404)
    same = not_modified(version() + request.query_string.decode("latin-1"))
    if same is not None:
        return same
    return render_template(
        "desk/_list.html", **_list(found, request.args.get("here", type=row_number)), oob=True
    )


def _peek(first: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is due first, for the reading pane while nothing is chosen. One query, until something happens."""
    if first is None or not first["last_inbound_id"]:
        return None
    around, mail = frame(), first["last_inbound_id"]
    glimpse = latest(
        ("peek", mail, around.person), around.stamp, lambda: thread.glimpse(thread_rows.one(mail), around)
    )
    return {**first, "m": glimpse}


def _not_set_up(view: View) -> View:
    """What an empty queue says before the desk has a mailbox: nothing can arrive yet."""
    if not frame().person.may("setup.write"):
        return replace(
            view,
            empty_title="No mailbox yet",
            empty_text="An administrator sets one up; then mail arrives here.",
        )
    return replace(
        view,
        empty_title="Your desk is open",
        empty_text="Mail arrives here once it has a mailbox.",
        empty_url=url_for("setup.overview"),
        empty_link="Set up your desk",
    )


def _list(view: View, here: int | None) -> dict[str, Any]:
    around = frame()
    keep: dict[str, Any] = {
        key: request.args[key] for key in ("after", "before", "here") if key in request.args
    }
    made = latest(("list", view.key, *keep.items(), around.person), around.stamp, lambda: _page(view, here))
    return {
        **made,
        "view": view if made["groups"] or around.boxes else _not_set_up(view),
        "total": around.counts.get(view.key, 0),
        "foot": around.foot(),
        "poll_url": url_for("queue.rows", view=view.key, **keep)
        if keep
        else path("queue.rows", view=view.key),
    }


def _page(view: View, here: int | None) -> dict[str, Any]:
    """What of a list stays as it is until something happens, or the minute ends. Two queries."""
    around = frame()
    after, before = paging.decode(request.args.get("after")), paging.decode(request.args.get("before"))
    found, later, earlier = listing.page(
        view, person_id=around.person.id, roles=around.person.roles, after=after, before=before
    )
    base = path("workspace.show", conversation_id=0)[:-1]
    items = listing.shown(found, around, here=here, url=lambda row_id: f"{base}{row_id}?view={view.key}")

    def cursor(name: str, row: Any) -> str:
        return url_for(
            "queue.show", view=view.key, **dict[str, Any]({name: paging.encode(row.queue_at, row.id)})
        )

    groups = listing.groups(view, found, items, around)
    return {
        "groups": [{**group, "rows": len(group["rows"])} for group in groups],
        "first": groups[0]["rows"][0]["facts"]() if groups else None,
        "next_url": cursor("after", found[-1]) if later and found else None,
        "previous_url": cursor("before", found[0]) if earlier and found else None,
    }
