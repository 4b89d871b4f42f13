"""What kind of mail this is, from its headers, from what it orders, and from its words."""

from __future__ import annotations

from checkout_desk.reading import cues
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.intents import intent_of
from checkout_desk.reading.model import Kind, ReadingInput


def headers_kind(letter: ReadingInput) -> Kind | None:
    """The kind that the headers alone settle; None for a letter from a person."""
    if letter.screened == "bounce":
        return "bounce"
    if letter.screened == "auto_reply":
        return "auto_reply"
    return None


def words_kind(
    letter: ReadingInput, low: str, *, ordered: bool, clear: bool, asks: bool, update: bool
) -> Kind:
    """The kind by the words. `ordered`: something stands there to order; `clear`: with a number or an order's words.

    What was paid for or comes back is told apart first: such mails name products too.
    """
    subject = fold(letter.subject)
    both = f"{subject}\n{low}"
    intent = intent_of(both)
    if not ordered and not update and (intent.sells or len(cues.SPAM.findall(both[:8_000])) >= 2):
        return "spam"
    if cues.PROVIDER.search(both):
        return "payment_notice"
    returns = cues.RETURN.search(both) is not None
    if ordered and clear and not (returns and not update and cues.PAST.search(low)):
        return "order"
    if returns:
        return "return_request"
    if not (asks and "?" in low) and cues.paid(both):
        return "payment_notice"
    if ordered:
        return "inquiry" if asks and not clear else "order"
    if letter.screened == "list":
        return "other"
    if update and cues.CORRECTION.search(low):
        return "order"
    if (intent.applies or (intent.meets and not asks)) and not intent.quotes:
        return "other"
    if cues.AGAIN.search(low) and not intent.declines:
        return "order"
    if asks or "?" in both or intent.quotes or intent.declines:
        return "inquiry"
    if cues.INTENT.search(both):
        return "order"
    return "other"


def kind_alone(letter: ReadingInput, canon: Canon) -> Kind:
    """The kind of a mail for a store without products: nothing in it can be ordered. `canon` is its own text."""
    settled = headers_kind(letter)
    if settled:
        return settled
    asks = cues.ASK.search(canon.low) is not None or cues.DOCUMENT.search(canon.low) is not None
    return words_kind(letter, canon.low, ordered=False, clear=False, asks=asks, update=False)
