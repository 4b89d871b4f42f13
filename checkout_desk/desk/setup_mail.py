"""The last step of the set-up: how mails look, and one of them sent to oneself."""

from __future__ import annotations

from flask import url_for

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import templates
from checkout_desk.desk import template_preview
from checkout_desk.desk.setup_checks import Check
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings import choices
from checkout_desk.settings.models import SetupStep, store

KEY = "order_confirmed"
"""the template that is sent: the mail that most customers get"""


def look(kept: SetupStep) -> list[Check]:
    """The dress, the words, and what became of the test mail."""
    shop = store()
    brand = url_for("money_brand.show")
    dressed = f"Mails carry {'the logo' if shop.logo_sha256 else 'the store’s name'} and the colour {shop.brand_colour}."
    found = [Check("good", dressed, brand, "Brand")]
    if not shop.brand_footer:
        found.append(
            Check(
                "soon",
                "Their last lines are empty; in many countries a business has to say who it is.",
                brand,
                "Brand",
            )
        )
    found.append(
        Check("good", f"The texts of all templates stand in {choices.LANGUAGES[shop.language]}.",
              url_for("studio.everything"), "Templates")
    )  # fmt: skip
    sent = db.session.get(OutboundMail, kept.found["mail"]) if kept.found.get("mail") else None
    if sent is None:
        found.append(Check("soon", "No test mail was sent yet."))
    elif sent.sent_at is not None:
        found.append(
            Check("good", f"The test mail to {', '.join(sent.recipients)} was sent. Look how it reads there.")
        )
    elif sent.state in ("failed", "unknown"):
        found.append(
            Check("bad", f"The test mail did not leave: {sent.response or 'the server gave no reason'}")
        )
    else:
        found.append(Check("soon", "The test mail is in the outbox; a worker sends it in a moment."))
    return found


def send_test(to: Person, kept: SetupStep, token: str) -> None:
    """Queue a filled example of the confirmation to oneself, once for `token`. Raises Refused. The caller commits."""
    language = store().language
    words = templates.newest(KEY, language)
    made = template_preview.sample(KEY, language, words.subject, words.body, None)
    mail = template_preview.send_test(KEY, language, made, to=to, token=f"setup-{token}")
    db.session.flush()
    kept.found, kept.tested_at = {"mail": mail.id}, clock.now()
    record("template.tested", about=mail, after={"template": f"{KEY}:{language}"})
