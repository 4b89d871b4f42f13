"""Setting mailboxes up: an admin says where mail is read and sent, and tries it out.

The live test talks to other machines, so it runs after the commit and holds neither the write lock nor a connection; it
tells ok, refused or timeout and nothing else (SECURITY A21).
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from checkout_desk.accounts import confirming
from checkout_desk.desk.mailbox_forms import SIDES, TLS, MailboxForm, stored
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import mailboxes
from checkout_desk.mail.models import Mailbox
from checkout_desk.web.access import requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("mailbox_setup", __name__, url_prefix="/mailboxes")

FOUND: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("imap", "ok"): ("good", "circle-check", "ok", "The desk signed in and opened every folder."),
    ("smtp", "ok"): ("good", "circle-check", "ok", "The desk got through. No mail was sent."),
    ("imap", "refused"): (
        "bad", "circle-x", "refused",
        "Look at host, port, encryption, user, password and the names of the folders. Hosts in private networks have to "
        "be allowed where the desk is started.",
    ),
    ("smtp", "refused"): (
        "bad", "circle-x", "refused",
        "Look at host, port, encryption, user and password. Hosts in private networks have to be allowed where the desk "
        "is started.",
    ),
    ("imap", "timeout"): ("soon", "hourglass", "timeout", "There was no answer in time. Look at host and port."),
    ("smtp", "timeout"): ("soon", "hourglass", "timeout", "There was no answer in time. Look at host and port."),
    ("imap", "not set"): ("", "circle-dot", "not set", "Mail is not fetched; it can come by LMTP, HTTP or import."),
    ("smtp", "not set"): ("", "circle-dot", "not set", "Nothing can be sent from this address yet."),
}  # fmt: skip
"""side and outcome of the live test -> tone, icon, word and sentence"""


@blueprint.get("/new")
@requires("mailboxes.write")
def add() -> Response:
    """The form for a new mailbox."""
    return _page(None)


@blueprint.post("/new")
@limiter.limit("30 per minute")
@requires("mailboxes.write", writes=False)
def add_now() -> ResponseReturnValue:
    """Save a new mailbox and, where asked, try it out."""
    return _save(None)


@blueprint.get("/<int:mailbox_id>")
@requires("mailboxes.write")
def show(mailbox_id: int) -> Response:
    """One mailbox, with the outcome of a test that was just made."""
    return _page(_load(mailbox_id))


@blueprint.post("/<int:mailbox_id>")
@limiter.limit("30 per minute")
@requires("mailboxes.write", writes=False)
def change(mailbox_id: int) -> ResponseReturnValue:
    """Save a mailbox and, where asked, try it out."""
    return _save(mailbox_id)


@blueprint.post("/<int:mailbox_id>/door")
@requires("mailboxes.write", writes=False)
def open_door(mailbox_id: int) -> ResponseReturnValue:
    """Open the signed HTTP door, or change its secret. The secret stands in this one answer and nowhere else."""
    if wrong := confirming.fault("door_confirm"):
        return _page(_load(mailbox_id), errors={"door_confirm": wrong}), 422
    begin_write()
    found = _load(mailbox_id)
    secret = secrets.token_urlsafe(32)
    mailboxes.change_mailbox(found, {"hook_secret": secret})
    db.session.commit()
    return _page(found, secret=secret)


@blueprint.post("/<int:mailbox_id>/door/close")
@requires("mailboxes.write")
def close_door(mailbox_id: int) -> Response:
    """Close the signed HTTP door and forget its secret."""
    mailboxes.change_mailbox(_load(mailbox_id), {"hook_secret": None})
    db.session.commit()
    flash("The HTTP door is closed.")
    return redirect(url_for("mailbox_setup.show", mailbox_id=mailbox_id), 303)


def _save(mailbox_id: int | None) -> ResponseReturnValue:
    found = None if mailbox_id is None else _load(mailbox_id)
    form = MailboxForm(kept=_kept(found))
    if not form.validate():
        return _page(found, form=form.typed, errors=form.again(form.sentences)), 422
    if any(form[f"{side}_password"].data for side in SIDES) and (wrong := confirming.fault("confirm")):
        again = None if mailbox_id is None else _load(mailbox_id)
        return _page(again, form=form.typed, errors=form.again({"confirm": wrong})), 422
    db.session.rollback()
    begin_write()
    refusal: mailboxes.Refused | None = None
    try:
        if mailbox_id is None:
            found = mailboxes.create_mailbox(form.values)
        else:
            found = _load(mailbox_id)
            mailboxes.change_mailbox(found, form.values)
        db.session.commit()
    except mailboxes.Refused as reason:
        refusal = reason
    except IntegrityError:  # two admins at once, on a database that lets them
        refusal = mailboxes.Refused("address", f"Address: “{form.address.data}” is taken; type another one.")
    if refusal or found is None:
        db.session.rollback()
        errors = {refusal.field: str(refusal)} if refusal else {}
        return _page(
            None if mailbox_id is None else _load(mailbox_id), form=form.typed, errors=form.again(errors)
        ), 422
    number, address = found.id, found.address
    if "test" not in request.form:
        flash(f"{address} is saved.")
        return redirect(url_for("mailboxes.show"), 303)
    session["mailbox_test"] = [number, *_tried(found)]
    return redirect(url_for("mailbox_setup.show", mailbox_id=number), 303)


def _tried(mailbox: Mailbox) -> tuple[str, str]:
    """Try `mailbox` out as it was saved, apart from the database: the other servers may take their time."""
    db.session.refresh(mailbox)
    db.session.expunge(mailbox)
    db.session.rollback()
    result = mailboxes.test_mailbox(mailbox)
    return result.imap, result.smtp


def _load(mailbox_id: int) -> Mailbox:
    found = db.session.get(Mailbox, mailbox_id)
    if found is None:
        abort(404, "There is no such mailbox here.")
    return found


def _kept(mailbox: Mailbox | None) -> set[str]:
    return {side for side in SIDES if mailbox is not None and getattr(mailbox, f"{side}_secret")}


def _page(
    mailbox: Mailbox | None,
    *,
    form: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    secret: str = "",
) -> Response:
    urls = {"action": url_for("mailbox_setup.add_now")}
    if mailbox is not None:
        urls = {
            "action": url_for("mailbox_setup.change", mailbox_id=mailbox.id),
            "door_url": url_for("mailbox_setup.open_door", mailbox_id=mailbox.id),
            "close_url": url_for("mailbox_setup.close_door", mailbox_id=mailbox.id),
            "hook_url": current_app.config["DESK_URL"].rstrip("/")
            + url_for("mail_hook.take", mailbox_id=mailbox.id),
        }
    page = render_template(
        "desk/mailbox_setup.html", address=mailbox.address if mailbox else "", door=bool(mailbox and mailbox.hook_secret),
        form=form or stored(mailbox), errors=errors or {}, kept=_kept(mailbox), tls=list(TLS.items()), secret=secret,
        tests=_outcome(mailbox), known=mailbox is not None, back_url=url_for("mailboxes.show"), **urls,
    )  # fmt: skip
    return make_response(page)


def _outcome(mailbox: Mailbox | None) -> list[dict[str, str]]:
    """What the test found that was made just before this page, once."""
    if mailbox is None or session.get("mailbox_test", [0])[0] != mailbox.id:
        return []
    _, *words = session.pop("mailbox_test")
    return [
        dict(zip(("name", "tone", "icon", "word", "text"), (SIDES[side], *FOUND[side, word]), strict=True))
        for side, word in zip(SIDES, words, strict=True)
    ]
