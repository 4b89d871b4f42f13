"""The files of a case file: mails, quotes, labels, slips, customs papers, pictures, and what payment providers told.

Each is made when its turn comes, so that a large order costs the memory of its largest file.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checkout_desk.conversations.models import Message
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import quote_pdf
from checkout_desk.orders.models import Quote
from checkout_desk.records.gathering import Gathered
from checkout_desk.records.plain import by
from checkout_desk.settings.models import store
from checkout_desk.shipping import customs, papers
from checkout_desk.shipping.models import Label, Shipment
from checkout_desk.shipping.paper import export as export_paper
from checkout_desk.shipping.paper import labels as label_paper
from checkout_desk.shipping.paper import slip as slip_paper

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
SEALED = "holds a card number: it stays sealed on the desk, its text is here with the number masked"
GONE = "is not kept any more"


@dataclass(slots=True)
class Papers:
    """The files of an order by name, what each belongs to, and what was left out and why."""

    make: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    named: dict[tuple[str, int], str] = field(default_factory=dict)
    withheld: list[dict[str, Any]] = field(default_factory=list)

    def add(self, what: str, number: int, name: str, make: Callable[[], bytes]) -> None:
        """A file that is made by calling `make`."""
        self.make[name] = make
        self.named[what, number] = name

    def blob(self, what: str, number: int, name: str, sha256: str) -> bool:
        """A file that is a blob; left out, with the reason, where it is sealed or gone. Returns whether it is there."""
        store_of = blobs()
        if store_of.exists(sha256) and not store_of.sealed(sha256):
            self.add(what, number, name, lambda: store_of.get(sha256))
            return True
        why = SEALED if store_of.exists(sha256) else GONE
        self.withheld.append({"file": name, "of": what, "id": number, "sha256": sha256, "why": why})
        return False


def collect(found: Gathered) -> Papers:
    """All files of an order. Nothing is made yet."""
    all_of = Papers()
    _mails(found, all_of)
    for quote in found.quotes:
        if quote.sent_at is not None:
            _quote(found, all_of, quote)
    labels = by(found.labels, "shipment_id")
    for parcel in found.shipments:
        _parcel(found, all_of, parcel, labels.get(parcel.id, []))
    numbers = {one.id: one.number for one in found.returns}
    for photo in found.photos:
        name = f"{found.order.number}-R{numbers[photo.return_id]}-{photo.id}.{_ENDINGS.get(photo.content_type, 'bin')}"
        all_of.blob("photo", photo.id, f"returns/{name}", photo.sha256)
    for payment in found.payments:
        told = found.provider_events.get(payment.event_id or 0)
        if told is not None:
            all_of.blob("payment", payment.id, f"payments/{payment.id}-{told.provider}.json", told.raw_sha256)
    return all_of


def _mails(found: Gathered, all_of: Papers) -> None:
    attached = by(found.attachments, "message_id")
    for place, m in enumerate(found.messages, 1):
        stem = f"mails/{place:04d}-{m.direction}"
        raw, out = found.raws.get(m.raw_id or 0), found.outbound.get(m.outbound_id or 0)
        sha256 = raw.sha256 if raw else out.sha256 if out else ""
        if sha256 and all_of.blob("message", m.id, f"{stem}.eml", sha256):
            if out:
                html = b"text/html" in blobs().get(sha256)
                name = f"{stem}.html" if html else f"{stem}.txt"
                all_of.add("rendered", m.id, name, _rendered(sha256, html=html, m=m))
            continue
        # A note, words of the customer's page, or a mail that is withheld: its masked text stands for it.
        all_of.add("rendered", m.id, f"{stem}.txt", partial(_text, m))
        for number, one in enumerate(attached.get(m.id, ()), 1):
            ending = one.filename.rpartition(".")[2].lower()
            ending = ending if ending.isascii() and ending.isalnum() and len(ending) < 6 else "bin"
            all_of.blob("attachment", one.id, f"{stem}-{number}.{ending}", one.sha256)


def _rendered(sha256: str, *, html: bool, m: Message) -> Callable[[], bytes]:
    def make() -> bytes:
        mail = email.message_from_bytes(blobs().get(sha256), policy=email.policy.default)
        body = mail.get_body(preferencelist=("html", "plain") if html else ("plain",))
        if body is None:
            return _text(m)
        return mask_cards(str(body.get_content())).encode("utf-8", "replace")

    return make


def _text(m: Message) -> bytes:
    return mask_cards(f"{m.subject}\n\n{m.text}\n").encode("utf-8", "replace")


def _quote(found: Gathered, all_of: Papers, quote: Quote) -> None:
    """The PDF that was mailed; where none was, the one that its content makes: the same words, whenever it is asked for."""
    name = f"papers/quote-{found.order.number}-Q{quote.number}.pdf"
    mailed = [
        one.sha256
        for one in found.attachments
        if one.message_id == quote.message_id and one.content_type == "application/pdf"
    ]
    if mailed and blobs().exists(mailed[0]):
        all_of.blob("quote", quote.id, name, mailed[0])
    else:
        all_of.add("quote", quote.id, name, lambda: quote_pdf.make(quote.content))


def _parcel(found: Gathered, all_of: Papers, parcel: Shipment, labels: list[Label]) -> None:
    stem = f"{found.order.number}-P{parcel.number}"
    for label in labels:
        name = f"papers/label-{stem}-{label.number}.pdf"
        if label.pdf_sha256:
            all_of.blob("label", label.id, name, label.pdf_sha256)
        elif not label.ref and label.state not in ("buying", "unknown"):
            all_of.add("label", label.id, name, partial(label_paper.pdf, [label.address]))
    if parcel.state in ("packing", "void"):
        return
    for what, made in _sheets(found, parcel):
        all_of.add(what, parcel.id, f"papers/{what}-{stem}.pdf", made)


def _sheets(found: Gathered, parcel: Shipment) -> Iterator[tuple[str, Callable[[], bytes]]]:
    slip = papers.slip(parcel, found.order, store())
    yield "slip", lambda: slip_paper.pdf([slip])
    if not parcel.handed_over_at:
        return
    try:
        facts = papers.export(parcel, found.order, store(), on=parcel.handed_over_at.date())
    except Refused:
        return  # it stays inside the customs area
    if not customs.lacks(facts.goods):
        yield "invoice", lambda: export_paper.invoice(facts)
        yield "customs", lambda: export_paper.cn23(facts)
