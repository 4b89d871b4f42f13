"""The first admin: a page that exists only while the desk has no person, opened by a code that only the owner can read.

Whoever finds a new desk on the net before its owner must not become its admin. The code lies in DESK_HOME (0600) and is
printed by the start; it is gone once the first admin exists.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import passwords, people, second_factor, sessions
from checkout_desk.accounts.models import Person
from checkout_desk.config import key_file
from checkout_desk.events.recording import record, set_actor
from checkout_desk.extensions import begin_write, db
from checkout_desk.settings import choices, starting
from checkout_desk.settings.effective import today
from checkout_desk.settings.forms import OpenForm
from checkout_desk.settings.models import Store
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("first_run", __name__)

WHERE = ("country", "currency", "language")
"""what the set-up asks about the store besides its name"""

WRONG_CODE = "This is not the code; it stands in the file first-run-code in the desk's folder and where the desk was started."


def store_name() -> str:
    """The store's name, '' before the set-up."""
    return db.session.scalar(select(Store.name).where(Store.id == 1)) or ""


def first_run_code(home: Path) -> str:
    """The code that opens the set-up page, made the first time. Readable by the desk's own user alone."""
    path = home / "first-run-code"
    if not path.exists():
        made = key_file(home, "first-run", lambda: secrets.token_hex(10))
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return made
        with os.fdopen(descriptor, "w") as file:
            file.write(made + "\n")
    return path.read_text().strip()


def needs_first_run() -> bool:
    """Whether this desk has no person yet; `up` then prints the address and the code."""
    return not people.anybody()


@blueprint.get("/first-run")
@requires(PUBLIC)
def first_run() -> ResponseReturnValue:
    """The set-up page, or 404 once somebody can sign in."""
    if not needs_first_run():
        abort(404)
    first_run_code(current_app.config["DESK_HOME"])
    found = db.session.get(Store, 1)
    form = {"code": request.args.get("code", "")[:100], "store": store_name()}
    form |= {name: getattr(found, name) if found else OpenForm()[name].data for name in WHERE}
    return _page(form, {})


@blueprint.post("/first-run")
@limiter.limit("20 per minute")
@requires(PUBLIC)
def first_run_now() -> ResponseReturnValue:
    """Make the store and its first admin, and sign them in."""
    if not needs_first_run():
        abort(404)
    db.session.rollback()
    form = OpenForm()
    ok = form.validate()
    errors = form.sentences
    home: Path = current_app.config["DESK_HOME"]
    if "code" not in errors and not hmac.compare_digest(
        form.code.data.encode(), first_run_code(home).encode()
    ):
        errors["code"] = WRONG_CODE
    if "password" not in errors:
        fault = passwords.fault_of(
            form.password.data, known=(form.name.data, form.email.data, form.store.data)
        )
        errors |= {"password": fault} if fault else {}
    if not ok or errors:
        return _page(form.typed, errors), 422
    try:
        hashed = passwords.hash_password(form.password.data)
    except passwords.Busy:
        abort(503, "The desk is busy with other sign-ins. Wait a few seconds and try again.")
    begin_write()
    if not needs_first_run():  # somebody else had the code too, and was faster
        db.session.rollback()
        abort(404)
    person = _open_the_desk(form, hashed)
    due = "" if second_factor.reason_without() else "due"
    sessions.start(person, address=request.remote_addr or "", browser=request.user_agent.string, second=due)
    db.session.commit()
    for name in ("first-run-code", "keys/first-run"):
        (home / name).unlink(missing_ok=True)
    return redirect("/", 303)


def _page(form: object, errors: dict[str, str]) -> str:
    return render_template(
        "accounts/first_run.html",
        form=form,
        errors=errors,
        countries=choices.countries().items(),
        currencies=choices.currencies().items(),
        languages=choices.LANGUAGES.items(),
    )


def _open_the_desk(form: OpenForm, hashed: str) -> Person:
    store = db.session.get(Store, 1)
    if store is None:
        store = Store(id=1, name=form.store.data)
        db.session.add(store)
        record("store.created", about=("store", 1), after={"name": store.name})
    elif store.name != form.store.data:
        record(
            "store.renamed", about=("store", 1), before={"name": store.name}, after={"name": form.store.data}
        )
        store.name = form.store.data
    for name in WHERE:
        setattr(store, name, getattr(form, name).data)
    db.session.flush()
    starting.open_rules(store.country, store.currency, on=today())
    person = people.create(
        name=form.name.data, email=form.email.data, password_hash=hashed, roles=["admin", "manager"]
    )
    set_actor(f"person:{person.id}", request.remote_addr or "")
    record("person.signed_in", about=person)
    return person
