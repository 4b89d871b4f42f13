"""A forward is of the mail that was chosen, with its words and its files, and of nothing else."""

from __future__ import annotations

from checkout_desk.conversations.models import Attachment, Draft
from tests.builders import Shop
from tests.desk.test_composing import compose, only, parsed
from tests.page import Browser


def _two_mails(shop: Shop) -> tuple[int, int, int]:
    """A conversation with an older mail that carries a photo, and a newer one."""
    photo = ("mug.jpg", "image/jpeg", b"broken")
    older = shop.take(text="The handle broke off.", files=[photo])
    newer = shop.take(to=shop.reply_address(older.conversation), text="Thank you!")
    return older.conversation, older.message, newer.message


def test_the_mail_that_was_chosen_is_forwarded_with_its_files(shop: Shop, agent: Browser) -> None:
    conversation, older, _ = _two_mails(shop)
    page = agent.open(f"/conversations/{conversation}")
    assert [href for label, href in page.links if label == "Forward" and f"m={older}" in href]
    opened = agent.open(f"/conversations/{conversation}/compose/forward?m={older}")
    assert "follows below your words: “The handle broke off.”" in opened
    assert "mug.jpg" in opened
    assert shop.all(Draft) == []  # looking writes nothing
    opened.press("Send", to="factory@elsewhere.example", text="Can you replace it?")
    m = parsed(shop, only(shop))
    body = m.get_body(("plain",))
    assert body is not None
    assert "The handle broke off." in body.get_content()
    assert "Thank you!" not in body.get_content()
    assert [part.get_content() for part in m.iter_attachments()] == [b"broken"]
    assert shop.message(older).attachment_count == 1
    assert len(shop.all(Attachment, Attachment.message_id == older)) == 1


def test_a_file_of_the_forwarded_mail_can_be_left_out(shop: Shop, agent: Browser) -> None:
    conversation, older, _ = _two_mails(shop)
    address = f"/conversations/{conversation}/compose/forward?m={older}"
    (file,) = shop.all(Attachment)
    form = agent.open(address).form("/send")
    path = f"/conversations/{conversation}/files"
    agent.post(path, dict(form.fields) | {"text": "Look.", "act": f"remove:m{file.id}"})
    assert [a.message_id for a in shop.all(Attachment)] == [older]
    again = agent.open(address)
    assert again.form("/send").value("text") == "Look."
    assert "mug.jpg" not in again.text.partition("follows below")[2]
    again.press("Send", to="factory@elsewhere.example")
    assert list(parsed(shop, only(shop)).iter_attachments()) == []


def test_a_forward_that_was_begun_is_not_turned_into_another(shop: Shop, agent: Browser) -> None:
    conversation, older, newer = _two_mails(shop)
    address = f"/conversations/{conversation}/compose/forward?m="
    form = agent.open(f"{address}{older}").form("/send")
    path = f"/conversations/{conversation}/draft"
    agent.post(path, dict(form.fields))  # nothing typed yet: it may become another
    other = agent.open(f"{address}{newer}")
    assert "“Thank you!”" in other
    agent.post(path, dict(other.form("/send").fields) | {"text": "Look."})
    (draft,) = shop.all(Draft)
    assert (draft.about_id, shop.all(Attachment, Attachment.draft_id == draft.id)) == (newer, [])
    kept = agent.open(f"{address}{older}")
    assert "You have begun to forward another mail of this conversation" in kept
    assert kept.form("/send").value("about") == str(newer)
    assert kept.form("/send").value("text") == "Look."


def test_a_note_is_never_forwarded(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Two mugs.")
    compose(agent, taken.conversation, "note").press("Save note", text="He cheats.")
    note = shop.messages(taken.conversation)[-1]
    elsewhere = shop.take(text="A secret of somebody else.")
    for number in (note.id, elsewhere.message):
        page = agent.open(f"/conversations/{taken.conversation}/compose/forward?m={number}")
        assert page.form("/send").value("about") == str(taken.message)
    page.press("Send", to="factory@elsewhere.example", text="Look.")
    assert b"Two mugs." in shop.bytes_of(only(shop))


def test_a_forward_that_is_taken_back_is_still_of_the_same_mail(shop: Shop, agent: Browser) -> None:
    conversation, older, _ = _two_mails(shop)
    sent = agent.open(f"/conversations/{conversation}/compose/forward?m={older}").press(
        "Send", to="factory@elsewhere.example", text="Look."
    )
    sent.press("Undo", "/undo")
    (draft,) = shop.all(Draft)
    assert (draft.about_id, draft.text) == (older, "Look.")
    assert len(shop.all(Attachment, Attachment.draft_id == draft.id)) == 1
