"""What the demo's people wrote for each other: saved replies, macros, and a page of the playbook that changed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import macros, replies
from checkout_desk.correspondence.macros import Typed
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.playbook import pages

_REPLIES = (
    ("Sending something back", "return",
     "Of course you can send it back. Please use the button on the page of your order, so that we know it when it comes; we pay the way back where the mistake was ours."),
    ("Another address", "address_change",
     "We can change the address as long as the parcel is here. Please confirm it on the page of your order: we do not take a new address from a mail alone."),
    ("Exchange for another colour", "exchange",
     "Yes, we can swap it. Choose the piece that you would like instead on the page of your order, and we will send it once yours is back."),
    ("How to care for glazed pots", "",
     "Warm water and a soft cloth are enough. The glaze does not mind the dishwasher, the cork does."),
)  # fmt: skip
_MACROS = (
    Typed(name="Ask what is missing", texts={}, order_move="ask", after="wait"),
    Typed(
        name="Damaged on the way",
        texts={
            "en": "We are sorry that it arrived broken. Please answer with a photo of the pieces and of the box; a colleague decides today how we make it good.",
            "de": "Es tut uns leid, dass es zerbrochen ankam. Bitte antworten Sie mit einem Foto der Teile und des Kartons; noch heute entscheiden wir, wie wir es gutmachen.",
        },
        tags="damage",
        escalate_role="manager",
        reason="Arrived broken",
        after="stay",
    ),
    Typed(
        name="Thank you, all done", texts={"en": "Thank you for letting us know. Enjoy it!"}, after="close"
    ),
)
_GLASS = """## Glass and glaze

- Two layers of paper, then the honeycomb sleeve; no piece touches another.
- A box that rattles is packed again.
- The yellow note on the station is the customer’s wish: read it before you close the box.

## After a breakage

- Photo in the conversation, then the macro *Damaged on the way*.
"""


def build() -> None:
    """Write it all, as the people of the demo, some days ago. Expects its people to be there."""
    with clock.pretending(clock.now() - timedelta(days=9)):
        begin_write()
        ines = db.session.scalars(select(Person).where(Person.name == "Ines Duarte")).one()
        mia = db.session.scalars(select(Person).where(Person.name == "Mia Okafor")).one()
        with acting_as(f"person:{mia.id}", "demo"):
            for title, topic, text in _REPLIES:
                replies.save(None, title=title, language="en", text=text, by=mia, topic=topic)
        with acting_as(f"person:{ines.id}", "demo"):
            for typed in _MACROS:
                macros.save(None, typed, by=ines)
            pages.save(
                None, title="How we pack glass", text=_GLASS, reason="Two breakages in October",
                asks=["logistics", "support"], based_on=0, by=ines,
            )  # fmt: skip
        db.session.commit()
