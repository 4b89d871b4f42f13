"""The paper that a customer puts on what they send back: from them to the store, with the number of the return as a barcode."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from checkout_desk.correspondence.standard.returns import SENTENCES
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.letter import Part
from checkout_desk.orders.models import Order
from checkout_desk.returns import requesting, telling
from checkout_desk.returns.models import Return, ReturnLine
from checkout_desk.settings.models import store
from checkout_desk.shipping import addressing
from checkout_desk.shipping.paper import postal, sheets
from checkout_desk.shipping.paper.sheets import Sheet, Table
from checkout_desk.shipping.paper.slip import WORDS

TITLES: Final = {
    "en": "Return label",
    "de": "Retourenschein",
    "fr": "Bon de retour",
    "es": "Etiqueta de devolución",
    "pt": "Etiqueta de devolução",
    "it": "Etichetta di reso",
    "nl": "Retourlabel",
    "ja": "返品ラベル",
}


def wanted(back: Return) -> bool:
    """Whether goods are on their way back, so that there is something to put a label on."""
    return back.state in telling.COMING and not back.without_goods


def pdf(back: Return, order: Order) -> bytes:
    """The label as a PDF in the customer's language: the same return gives the same bytes. Raises Refused where nothing
    is to come, and while nobody knows whereto."""
    name, to = requesting.name(back, order), telling.address()
    if not wanted(back):
        raise Refused(f"Nothing is to be sent for return {name}, so it has no label.")
    if not to:
        raise Refused("The store has no address for returns; set it under Settings.")
    shop, language = store(), order.language if order.language in TITLES else "en"
    w, abroad = WORDS[language], order.ship_country != shop.country
    customer = postal.recipient(addressing.recipient(order), home=shop.country, language=language)
    here = postal.sender(to[0], to[1:], country=shop.country, abroad=abroad, language=language)
    rows = db.session.scalars(
        select(ReturnLine).where(ReturnLine.return_id == back.id).order_by(ReturnLine.id)
    )
    table = Table(
        [w[5], w[6], "SKU"], [[str(line.quantity), line.name, line.sku] for line in rows],
        ["auto", "1fr", "auto"], ["right", "left", "left"],
    )  # fmt: skip
    say = SENTENCES[language]
    made = Sheet(
        title=f"{TITLES[language]} {name}", under=[f"{w[1]} {order.number}"], code=name,
        columns=[(w[4], here), (w[3], customer)], tables=[table],
        notes=[say["pack"].format(number=name), say[back.way_back]], foot=shop.name,
        language=language, country=order.ship_country, paper=sheets.paper(order.ship_country),
    )  # fmt: skip
    return sheets.pdf([made])


def files(order: Order, about: str) -> list[Part]:
    """What goes along with a mail about 'return:7': the label while the goods are to come."""
    back = db.session.get_one(Return, int(about.split(":")[1]))
    if not wanted(back) or not telling.address():
        return []
    return [Part(f"{requesting.name(back, order)}.pdf", "application/pdf", pdf(back, order))]
