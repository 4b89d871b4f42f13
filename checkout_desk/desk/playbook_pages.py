"""The playbook: what the store has written down on how it works, read and confirmed by the people whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import people, sessions
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.correspondence import comparing
from checkout_desk.correspondence.kinds import KINDS as TEMPLATES
from checkout_desk.desk import dockets
from checkout_desk.desk.frame import frame
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.playbook import links, pages
from checkout_desk.playbook.markdown import rendered
from checkout_desk.playbook.pages import Faulty, Page, Version
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("playbook", __name__, url_prefix="/playbook")

FINDINGS = {
    "late_answer": "Answers that were late",
    "asked_again": "Customers asked the same again",
    "template": "A template that customers did not understand",
    "error": "A communication error that came back",
}


@blueprint.get("")
@requires("playbook.read")
def everything() -> str:
    """All pages; what one is asked to read stands first."""
    me = sessions.me()
    found = pages.everything()
    read = pages.read_by(me, [page.row.id for page in found if page.row])
    rows = [
        {
            "title": page.title,
            "url": url_for(".show", slug=page.slug),
            "number": page.newest.number,
            "owner": frame().name(page.owner_id) if page.owner_id else "",
            "when": frame().face.short(page.newest.at) if page.newest.at else "",
            "reason": page.newest.reason,
            "asked": pages.asked(page, me, read),
        }
        for page in found
    ]
    rows.sort(key=lambda row: not row["asked"])
    return render_template("playbook/list.html", rows=rows, may_write=me.may("playbook.write"))


@blueprint.get("/<slug>")
@requires("playbook.read")
def show(slug: str) -> str:
    """A page to read: `version` another one than the newest, `compare` what that one changed."""
    return _page(*_history(slug))


@blueprint.get("/how/<kind>/<key>")
@requires("playbook.read")
def how(kind: str, key: str) -> ResponseReturnValue:
    """The page that tells how a step, a template, a next step or a finding is handled; the list where none does."""
    place = links.page_for(kind, key)
    if place is None:
        flash("Nothing in the playbook tells about that yet.")
        return redirect(url_for(".everything"))
    return redirect(url_for(".show", slug=place.slug, _anchor=place.anchor or None))


@blueprint.post("/<slug>/read")
@requires("playbook.read")
def confirm(slug: str) -> ResponseReturnValue:
    """“I have read this”."""
    page, _ = _history(slug)
    try:
        new = pages.confirm(page, request.form.get("number", 0, type=row_number) or 0, sessions.me())
    except Refused as fault:
        db.session.rollback()
        return _page(*_history(slug), errors={"form": str(fault)}), 409
    db.session.commit()
    flash("Noted that you read it." if new else "You had confirmed it before.")
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.get("/new")
@requires("playbook.write")
def begin() -> str:
    """An empty page."""
    return _editor(None, {"title": "", "text": "", "reason": "", "asks": []})


@blueprint.get("/<slug>/edit")
@requires("playbook.write")
def edit(slug: str) -> str:
    """The newest words to change, or (`version`) begin with earlier ones."""
    page, versions = _history(slug)
    number = request.args.get("version", type=row_number)
    words = next((one for one in versions if one.number == number), page.newest)
    reason = f"Back to the words of version {words.number}." if words is not page.newest else ""
    typed = {"title": page.title, "text": words.text, "reason": reason, "asks": sorted(page.newest.asks)}
    return _editor(page, typed)


@blueprint.post("/new/preview")
@requires("playbook.write", writes=False)
def preview() -> str:
    """How what is typed will look, beside the editor (htmx)."""
    return render_template("playbook/_preview.html", html=rendered(_typed()["text"]).html)


@blueprint.post("/new")
@requires("playbook.write")
def create() -> ResponseReturnValue:
    """A new page, or (`act` preview) a look at it."""
    return _save(None)


@blueprint.post("/<slug>/edit")
@requires("playbook.write")
def save(slug: str) -> ResponseReturnValue:
    """Publish what is typed as the next version, or (`act` preview) look at it and its difference."""
    return _save(_history(slug)[0])


def _save(page: Page | None) -> ResponseReturnValue:
    typed = _typed()
    based_on = request.form.get("based_on", type=row_number) or 0
    if request.form.get("act") == "preview":
        return _editor(page, typed, based_on=based_on)
    try:
        made = pages.save(
            page.slug if page else None, title=typed["title"], text=typed["text"], reason=typed["reason"],
            asks=typed["asks"], based_on=based_on, by=sessions.me(),
        )  # fmt: skip
    except Faulty as fault:
        db.session.rollback()
        return _editor(page, typed, based_on=based_on, errors=fault.fields), 422
    except Refused as fault:
        db.session.rollback()
        return _editor(page, typed, based_on=based_on, errors={"form": str(fault)}), 409
    db.session.commit()
    flash(f"Version {made.newest.number} is published.")
    return redirect(url_for(".show", slug=made.slug), 303)


@blueprint.post("/<slug>/owner")
@requires("playbook.write")
def give(slug: str) -> ResponseReturnValue:
    """Give the page to somebody who keeps it true."""
    page, _ = _history(slug)
    number = request.form.get("owner", type=row_number)
    owner = db.session.get(Person, number) if number else None
    if number and (owner is None or owner.disabled_at):
        abort(422, "Choose one of the people, or nobody.")
    pages.give(page, owner)
    db.session.commit()
    flash(f"{owner.name} owns this page now." if owner else "Nobody owns this page now.")
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.post("/<slug>/links")
@requires("playbook.write")
def point(slug: str) -> ResponseReturnValue:
    """Let a step, template, next step or finding lead to a place on this page."""
    page, versions = _history(slug)
    kind, _, key = request.form.get("from", "").partition(":")
    try:
        if key not in _keys().get(kind, {}):
            raise Refused("Choose what leads here.")
        links.point(kind, key, page, request.form.get("anchor", "")[:80])
    except Refused as fault:
        db.session.rollback()
        return _page(page, versions, errors={"from": str(fault)}), 422
    db.session.commit()
    flash(f"“{_keys()[kind][key]}” leads to this page now.")
    return redirect(url_for(".show", slug=slug), 303)


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: request.form.get(name, "")[: pages.MOST_TEXT + 1] for name in ("title", "text", "reason")
    }
    return typed | {"asks": request.form.getlist("asks")[:20]}


def _history(slug: str) -> tuple[Page, list[Version]]:
    found = pages.history(slug)
    if found is None:
        abort(404, "There is no such page in the playbook.")
    return found


def _keys() -> dict[str, dict[str, str]]:
    """Everything that may lead to a page: kind -> key -> its words."""
    return {
        "step": {code: f"Step {code}" for kind, code in links.STANDARD if kind == "step"},
        "template": {key: f"Template: {kind.title}" for key, kind in TEMPLATES.items()},
        "action": {step: f"Next step: {title}" for step, (title, _) in dockets.STEPS.items() if step},
        "finding": {key: f"Report: {words}" for key, words in FINDINGS.items()},
    }


def _page(page: Page, versions: list[Version], errors: Mapping[str, str] | None = None) -> str:
    me = sessions.me()
    number = request.args.get("version", type=row_number)
    shown = next((one for one in versions if one.number == number), page.newest)
    read = pages.read_by(me, [page.row.id]) if page.row else {}
    made = rendered(shown.text)
    may_write = me.may("playbook.write")
    return render_template(
        "playbook/show.html",
        page=page,
        shown=shown,
        html=made.html,
        anchors=made.anchors,
        asked=pages.asked(page, me, read),
        confirmed=page.row is not None and page.newest.number in read.get(page.row.id, ()),
        owner=frame().name(page.owner_id) if page.owner_id else "",
        versions=[_row(one) for one in versions],
        compared=_compared(versions, request.args.get("compare", type=row_number)),
        readers=_readers(page) if may_write and page.newest.asks else [],
        roles=[ROLES[role] for role in sorted(page.newest.asks)],
        crew=[(person.id, person.name) for person in people.everybody() if not person.disabled_at]
        if may_write
        else [],
        leading=_leading(page),
        choices=[(f"{kind}:{key}", words) for kind, of in _keys().items() for key, words in of.items()],
        may_write=may_write,
        errors=dict(errors or {}),
    )


def _row(one: Version) -> dict[str, Any]:
    return {
        "number": one.number,
        "reason": one.reason,
        "by": frame().name(one.by_id) if one.by_id else "",
        "when": frame().face.short(one.at) if one.at else "",
    }


def _compared(versions: list[Version], number: int | None) -> dict[str, Any] | None:
    """What version `number` says differently from the one before it."""
    new = next((one for one in versions if one.number == number), None)
    old = next((one for one in versions if new and one.number == new.number - 1), None)
    if new is None or old is None:
        return None
    return {"old": old.number, "new": new.number, "text": comparing.by_word(old.text, new.text)}


def _readers(page: Page) -> list[dict[str, Any]]:
    """Of everybody who is asked: since when they know it, those who do not yet first."""
    done = pages.readers(page)
    asked = [
        person
        for person in people.everybody()
        if not person.disabled_at and (page.newest.asks & person.roles or person.id in done)
    ]
    rows = [
        {"name": each.name, "when": frame().face.short(done[each.id]) if each.id in done else ""}
        for each in asked
    ]
    return sorted(rows, key=lambda row: bool(row["when"]))


def _leading(page: Page) -> list[tuple[str, str]]:
    """What leads to this page: (kind, the words of all its keys)."""
    found = []
    for kind, of in _keys().items():
        there = [
            of[key].partition(" " if kind == "step" else ": ")[2]
            for key, place in links.all_of(kind).items()
            if place.slug == page.slug and key in of
        ]
        if there:
            found.append((links.KINDS[kind], ", ".join(there)))
    return found


def _editor(
    page: Page | None,
    typed: dict[str, Any],
    *,
    based_on: int | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    old = page.newest.text if page else ""
    text = typed["text"].replace("\r\n", "\n")
    return render_template(
        "playbook/edit.html",
        page=page,
        form=typed,
        based_on=based_on if based_on is not None else page.newest.number if page else 0,
        html=rendered(text).html,
        difference=comparing.by_word(old, text) if page and old.strip() != text.strip() else None,
        roles=list(ROLES.items()),
        errors=dict(errors or {}),
    )
