"""What differs from case to case is taken out of a server's answer; what is the cause stays."""

from __future__ import annotations

import random
import string

import pytest

from checkout_desk.incidents import causes

ANSWERS = (
    (550, "5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"),
    (
        550,
        "5.7.1 Service unavailable, Client host [{ip}] blocked using bl.{host}; see https://bl.{host}/q?ip={ip}",
    ),
    (452, "4.2.2 The email account that you tried to reach is over quota {queue} - gsmtp"),
    (554, "Transaction failed: mailbox {local} is not available ({queue})"),
    (421, "{host} Service not available, try again in {n} seconds"),
    (0, "This mailbox has no SMTP server. Enter one and try again."),
)


def _fill(rng: random.Random, words: str) -> tuple[str, str]:
    name = "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 9)))
    address = f"{name}.{rng.randint(1, 99)}@{rng.choice(['mx', 'mail'])}.example"
    facts = {
        "address": address, "local": address.partition("@")[0], "host": f"{name}.example", "n": rng.randint(1, 9000),
        "ip": f"192.0.2.{rng.randint(1, 250)}", "queue": f"{rng.getrandbits(64):x}a1",
    }  # fmt: skip
    return words.format(**facts), address


@pytest.mark.parametrize("seed", range(20))
def test_an_answer_is_the_same_cause_for_everybody_and_no_other(seed: int) -> None:
    rng = random.Random(seed)
    keys: list[str] = []
    for code, words in ANSWERS:
        said = [_fill(rng, words) for _ in range(5)]
        found = {causes.answer(code, text, known=[address]).key for text, address in said}
        assert len(found) == 1, found
        shown = causes.answer(code, said[0][0], known=[said[0][1]]).words
        assert said[0][1].partition("@")[0] not in shown and "192.0" not in shown
        keys += found
    assert len(set(keys)) == len(ANSWERS)


def test_the_codes_are_part_of_the_cause() -> None:
    one, other = (causes.answer(550, f"5.{n}.1 no") for n in (1, 7))
    assert one.key != other.key and one.words == "550 5.1.1 no"
    assert causes.answer(0, "451 4.3.0 later").key == causes.answer(451, "4.3.0 later").key


@pytest.mark.parametrize(
    ("status", "words"),
    [("5.1.1", "5.1.1 The mailbox does not exist"), ("5.2.99", "5.2.99 The receiving server refused it for the mailbox"),
     ("", "It came back, and the report gives no status"), ("5.1.1\r\nX", "It came back, and the report gives no status")],
)  # fmt: skip
def test_a_bounce_is_named_by_its_status(status: str, words: str) -> None:
    assert causes.bounce(status).words == words


def test_a_character_set_is_one_cause_whatever_it_is_called() -> None:
    odd = causes.unreadable("LookupError: unknown encoding: x-mac-klingon")
    bad = causes.unreadable("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 7")
    assert odd == bad
    assert causes.unreadable("RecursionError: too deep").key != odd.key


def test_an_empty_placeholder_is_told_by_its_name_and_template() -> None:
    sentence = "[CARRIER] in “Shipped” would stay empty: the carrier is not known here."
    found = causes.stopped(sentence, "shipped")
    assert (found.kind, found.words) == ("placeholder", "[CARRIER] stands for nothing in “Shipped”")
    held = causes.stopped(
        "jane@customer.example has had 5 automatic mails within 24 hours, so no more are sent for now."
    )
    assert held.kind == "stopped" and "jane" not in held.words


@pytest.mark.parametrize("words", ["", "…", "550", "\0", "٣٣٣", "a" * 4000, "<" * 500, "@" * 500, "1." * 900])
def test_any_words_make_a_cause_that_fits_its_row(words: str) -> None:
    for found in (
        causes.answer(550, words),
        causes.unknown(words),
        causes.unreadable(words),
        causes.stopped(words),
    ):
        assert 0 < len(found.key) <= 160 and 0 < len(found.words) <= 300
