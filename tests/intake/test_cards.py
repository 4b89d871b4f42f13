"""Card numbers are nowhere in clear: not in the database, the index, the blobs, the pages (SECURITY A47)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import inspect, text

from checkout_desk.conversations import searching
from checkout_desk.conversations.models import Attachment
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import RawMail
from tests.builders import Shop, Taken, mail
from tests.page import Browser

DIGITS = "4111111111111111"
FORMS = {
    "plain": DIGITS,
    "spaces": "4111 1111 1111 1111",
    "dashes": "4111-1111-1111-1111",
    "full-width": "４１１１ １１１１ １１１１ １１１１",
    "two lines": "4111 1111\n1111 1111",
}


def holds_card(value: str) -> bool:
    import unicodedata

    return DIGITS in re.sub(r"[\s\-.>]", "", unicodedata.normalize("NFKC", value))


def everything_in_clear(shop: Shop) -> str:
    """Every value of every table, and the tokens of the search index."""
    found: list[str] = []
    with shop.reading():
        for table in inspect(db.engine).get_table_names():
            if not table.startswith("message_fts"):
                found += [repr(tuple(row)) for row in db.session.execute(text(f'SELECT * FROM "{table}"'))]
        if db.engine.dialect.name == "sqlite":
            db.session.execute(
                text("CREATE VIRTUAL TABLE temp.v USING fts5vocab('main', 'message_fts', 'row')")
            )
            found += [str(row[0]) for row in db.session.execute(text("SELECT term FROM temp.v"))]
            db.session.rollback()
    return "\n".join(found)


def leaks(shop: Shop) -> list[str]:
    found = []
    if holds_card(everything_in_clear(shop)):
        found.append("database")
    for path in (shop.app.config["DESK_HOME"] / "blobs").rglob("*"):
        if path.is_file() and holds_card(path.read_bytes().decode("utf-8", "replace")):
            found.append(path.name)
    return found


def pages(agent: Browser, taken: Taken) -> list[str]:
    addresses = [
        f"/conversations/{taken.conversation}", f"/messages/{taken.message}/frame", "/queue/answer", "/search?q=mugs",
        f"/conversations/{taken.conversation}/compose/reply", f"/conversations/{taken.conversation}/compose/forward",
        f"/conversations/{taken.conversation}?m={taken.message}&as=original", f"/messages/{taken.message}?view=original",
    ]  # fmt: skip
    return [address for address in addresses if holds_card(agent.open(address).html)]


@pytest.mark.parametrize("form", FORMS)
def test_a_card_number_in_the_text(shop: Shop, agent: Browser, form: str) -> None:
    taken = shop.take(text=f"Mugs on my card\n{FORMS[form]} please")
    assert leaks(shop) == []
    assert pages(agent, taken) == []
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "A card number was masked; the original is kept encrypted" in page
    assert "Mugs on my card" in page


def test_in_subject_html_file_name_and_attached_text(shop: Shop, agent: Browser) -> None:
    card = FORMS["spaces"]
    taken = shop.take(
        subject=f"Card {card}",
        html=f"<p>Mugs, card <b>{card}</b></p>",
        files=[(f"card {card}.txt", "text/plain", f"number: {card}".encode())],
    )
    assert leaks(shop) == []
    assert pages(agent, taken) == []
    with shop.reading():
        for words in ("4111", DIGITS):
            term = searching.term(words)
            assert term is not None
            assert searching.find([term], limit=5) == []


def test_no_card_no_mask(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Order 4111 1111 1111 1112 and phone 0044 20 7946 0958")
    assert "4111 1111 1111 1112" in agent.open(f"/conversations/{taken.conversation}")
    assert not shop.app.extensions["desk_blobs"].sealed(shop.all(RawMail)[0].sha256)


def test_opening_the_sealed_original_is_recorded(shop: Shop, agent: Browser) -> None:
    data = mail(f"Card {FORMS['plain']}")
    taken = shop.take(data)
    shown = agent.open(f"/conversations/{taken.conversation}?m={taken.message}&as=original")
    assert not holds_card(shown.html)
    assert shop.all(Event, Event.kind == "original.opened") == []
    answer = agent.get(f"/messages/{taken.message}/raw")
    assert answer.get_data() == data
    (event,) = shop.all(Event, Event.kind == "original.opened")
    assert (event.subject_id, event.actor) == (taken.message, f"person:{shop.person('support')}")
    shop.sound()


def test_an_attachment_that_holds_a_card_is_sealed_but_can_be_downloaded(shop: Shop, agent: Browser) -> None:
    shop.take(files=[("note.txt", "text/plain", FORMS["spaces"].encode())])
    (attachment,) = shop.all(Attachment)
    assert shop.app.extensions["desk_blobs"].sealed(attachment.sha256)
    assert agent.get(f"/attachments/{attachment.id}").get_data().decode().strip() == FORMS["spaces"]


def test_what_people_of_the_desk_type_is_masked_too(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    card = FORMS["spaces"]
    agent.open(f"/conversations/{taken.conversation}/compose/note").press(
        "Save note", text=f"Paid with {card}"
    )
    agent.open(f"/conversations/{taken.conversation}/compose/reply").press(
        "Send", text=f"Your card {card} was charged.", subject=f"Card {card}"
    )
    page = agent.open(f"/conversations/{taken.conversation}/act/escalate")
    page.press("Escalate", reason=f"wants {card} refunded")
    assert leaks(shop) == []
    assert not holds_card(agent.open(f"/conversations/{taken.conversation}").html)


def test_a_draft_that_is_saved_while_one_types_is_masked(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    form = agent.open(f"/conversations/{taken.conversation}/compose/reply").form("/send")
    data = dict(form.fields) | {"text": f"Your card {FORMS['plain']}"}
    assert agent.post(f"/conversations/{taken.conversation}/draft", data).status == 200
    assert leaks(shop) == []


def test_a_reply_with_the_card_quoted_does_not_carry_it_out(shop: Shop) -> None:
    taken = shop.take(text=f"Here is my card: {FORMS['dashes']}")
    ours = shop.reply(taken.conversation)
    assert not holds_card(shop.bytes_of(shop.outbound(ours.outbound_id or 0)).decode("utf-8", "replace"))
