"""The set-up: a path of steps that each try themselves, left and taken up again at will, and a checklist ever after."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.accounts.administration import HINTS
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.desk import (
    mailbox_forms,
    setup_forms,
    setup_mail,
    setup_mailbox,
    setup_providers,
    setup_ready,
    setup_steps,
)
from checkout_desk.desk.setup_steps import BY_KEY, STEPS, WORDS, Standing, Step
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import choices, zones
from checkout_desk.settings.promise_changes import WEEK
from checkout_desk.web.access import requires
from checkout_desk.web.limits import limiter

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


@blueprint.get("")
@requires("setup.write")
def overview() -> str:
    """The checklist: every step as it stands now."""
    session.pop("setup", None)
    standings = setup_steps.all_standings()
    done = sum(one.state == "done" for one in standings)
    following = next((one for one in standings if one.state in ("open", "failed")), None)
    return render_template(
        "setup/overview.html",
        standings=standings,
        words=WORDS,
        done=done,
        following=following.step if following else None,
    )


@blueprint.get("/ready")
@requires("setup.write")
def ready() -> str:
    """The end: what is still open, and what the doctor says."""
    session.pop("setup", None)
    standings = setup_steps.all_standings()
    return render_template(
        "setup/ready.html",
        words=WORDS,
        open=[one for one in standings if one.state != "done"],
        works=all(
            one.state != "failed"
            and not any(check.needed for check in one.left)
            and (one.state == "done" or one.step.key != setup_mailbox.STEP)
            for one in standings
        ),
        faults=setup_ready.faults(),
    )


@blueprint.get("/<key>")
@requires("setup.write")
def step(key: str) -> str:
    """One step: what its test finds, and what can be done about it."""
    return _page(_known(key))


@blueprint.post("/<key>/later")
@requires("setup.write")
def later(key: str) -> ResponseReturnValue:
    """Leave the step for later; it stays on the checklist."""
    found = _known(key)
    setup_steps.put_off(found)
    db.session.commit()
    return _on(found)


@blueprint.post("/<key>/fine")
@requires("setup.write")
def fine(key: str) -> ResponseReturnValue:
    """Say that what is open is right as it is."""
    found = _known(key)
    standing = setup_steps.stand(found, setup_steps.kept_of(found))
    if not standing.may_settle:
        return _page(
            found,
            errors={
                "form": "Something is missing here without which the desk cannot work; leave it for later."
            },
        ), 409
    setup_steps.settle(found)
    db.session.commit()
    return _on(found)


@blueprint.post("/store")
@requires("setup.write")
def save_store() -> ResponseReturnValue:
    """Name, place, time zone, address and logo."""
    return _saved("store", *setup_forms.save_store())


@blueprint.post("/promise")
@requires("setup.write")
def save_promise() -> ResponseReturnValue:
    """By when customers are answered."""
    return _saved("promise", *setup_forms.save_promise())


@blueprint.post("/mailbox")
@limiter.limit("30 per minute")
@requires("setup.write", writes=False)
def save_mailbox() -> ResponseReturnValue:
    """Make the first mailbox, then send its test mail."""
    if setup_mailbox.first() is None:
        form = setup_mailbox.form_of_request()
        errors = setup_mailbox.save(form)
        if errors:
            typed = {**form.typed, "same": request.form.get("same", "")}
            return _page(BY_KEY["mailbox"], form=typed, errors=errors), 422
    setup_mailbox.send()
    return redirect(url_for(".step", key="mailbox"), 303)


@blueprint.post("/mailbox/look")
@limiter.limit("60 per minute")
@requires("setup.write", writes=False)
def look() -> ResponseReturnValue:
    """Whether the test mail has come back meanwhile."""
    setup_mailbox.look_again()
    if request.headers.get("HX-Request"):
        return render_template("setup/_found.html", **_found(BY_KEY["mailbox"]))
    return redirect(url_for(".step", key="mailbox"), 303)


@blueprint.post("/payment")
@limiter.limit("20 per minute")
@requires("setup.write", writes=False)
def ask_providers() -> ResponseReturnValue:
    """Ask each provider whether it knows our keys."""
    setup_providers.ask("payment")
    return redirect(url_for(".step", key="payment"), 303)


@blueprint.post("/templates")
@limiter.limit("20 per minute")
@requires("setup.write")
def test_mail() -> ResponseReturnValue:
    """An example of a mail to oneself."""
    found = BY_KEY["templates"]
    kept = setup_steps.kept_of(found)
    try:
        setup_mail.send_test(sessions.me(), kept, request.form.get("token", ""))
    except Refused as fault:
        db.session.rollback()
        return _page(found, errors={"form": str(fault)}), 409
    db.session.add(kept)
    db.session.commit()
    flash(f"The test mail to {sessions.me().email} is in the outbox.")
    return redirect(url_for(".step", key="templates"), 303)


def _saved(key: str, typed: dict[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    found = BY_KEY[key]
    if errors:
        db.session.rollback()
        return _page(found, form=typed, errors=errors), 422
    setup_steps.settle(found)
    db.session.commit()
    return redirect(url_for(".step", key=key), 303)


def _known(key: str) -> Step:
    if key not in BY_KEY:
        abort(404, "The set-up has no such step.")
    return BY_KEY[key]


def _on(found: Step) -> ResponseReturnValue:
    """On to the step behind this one, at the end to what is still open."""
    at = STEPS.index(found) + 1
    return redirect(url_for(".step", key=STEPS[at].key) if at < len(STEPS) else url_for(".ready"), 303)


def _found(found: Step) -> dict[str, Any]:
    kept = setup_steps.kept_of(found)
    standing = setup_steps.stand(found, kept)
    return {
        "standing": standing,
        "words": WORDS,
        "waiting": found.key == "mailbox" and setup_mailbox.waiting(kept),
    }


def _page(found: Step, *, form: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    session["setup"] = found.key
    shown = _found(found)
    standing: Standing = shown["standing"]
    at = STEPS.index(found)
    states = {one.step.key: one.state for one in setup_steps.all_standings()} | {found.key: standing.state}
    return render_template(
        "setup/step.html",
        step=found,
        at=at + 1,
        steps=STEPS,
        states=states,
        before=STEPS[at - 1] if at else None,
        behind=STEPS[at + 1] if at + 1 < len(STEPS) else None,
        errors=errors or {},
        **_form(found, form),
        **shown,
    )


def _form(found: Step, typed: dict[str, Any] | None) -> dict[str, Any]:
    """What the step's own form needs."""
    if found.key == "store":
        form = typed or setup_forms.store_now()
        listed = {name for _, places in zones.grouped() for name, _ in places}
        return {
            "form": form, "zones": zones.grouped(), "countries": choices.countries().items(),
            "odd_zone": form["time_zone"] if form["time_zone"] not in listed else "",
            "currencies": choices.currencies().items(), "languages": choices.LANGUAGES.items(),
        }  # fmt: skip
    if found.key == "mailbox":
        usual = {**mailbox_forms.stored(None), "same": "1"}
        return {"form": typed or usual, "box": setup_mailbox.first(), "tls": list(mailbox_forms.TLS.items())}
    if found.key == "promise":
        return {
            "form": typed or setup_forms.promise_now(),
            "week": list(enumerate(WEEK)),
            "clocks": list(setup_forms.HOURS.items()),
        }
    if found.key == "people":
        return {"roles": [(role, title, HINTS[role]) for role, title in ROLES.items()]}
    if found.key == "templates":
        return {"token": secrets.token_urlsafe(12)}
    if found.key == "payment":
        return {"providers": setup_providers.any_to_ask()}
    return {}


def init_app(app: Flask) -> None:
    """Show the way back on the pages that a step led to."""

    @app.context_processor
    def names() -> dict[str, Any]:
        found = BY_KEY.get(session.get("setup", "")) if session else None
        here = found is not None and request.path.startswith(found.places)
        return {"setup_step": found} if here else {}
