"""Which method of payment a provider's money belongs to, from our own records."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.payments.models import Payment, PaymentLink, ProviderEvent
from checkout_desk.payments.providers.model import Access, ProviderFault, access
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod


def candidates(kind: str) -> list[PaymentMethod]:
    """The methods of a provider that have their keys, also those that are not offered any more: money still comes."""
    rows = db.session.scalars(
        select(PaymentMethod).where(PaymentMethod.kind == kind).order_by(PaymentMethod.id)
    )
    return [row for row in rows if not methods.lacks(row)]


def access_for(source: str, payment_ref: str) -> Access:
    """How to ask about a payment: by the method whose page or event brought it, else by the only one there is.

    Ends the reading transaction, so that nothing is held while the provider thinks. Raises ProviderFault.
    """
    payment = db.session.scalars(
        select(Payment).where(Payment.source == source, Payment.source_ref == payment_ref)
    ).one_or_none()
    method_id = None
    if payment is not None and payment.event_id is not None:
        method_id = db.session.get_one(ProviderEvent, payment.event_id).method_id
    if method_id is None and payment is not None and payment.quote_id is not None:
        method_id = db.session.scalar(
            select(PaymentLink.method_id)
            .where(PaymentLink.quote_id == payment.quote_id, PaymentLink.provider == source)
            .order_by(PaymentLink.id.desc())
            .limit(1)
        )
    if method_id is not None:
        found = access(db.session.get_one(PaymentMethod, method_id))
    else:
        all_of_them = candidates(source)
        if len(all_of_them) != 1:
            raise ProviderFault("The desk does not know which of its accounts this payment came to.")
        found = access(all_of_them[0])
    db.session.rollback()
    return found
