"""Mails inside a mail: forwarded and attached ones, and who wrote them."""

from __future__ import annotations

from checkout_desk.reading import people
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.languages import language_of
from checkout_desk.reading.masking import without
from checkout_desk.reading.model import ReadingInput, Span
from checkout_desk.reading.texts import Text, default_language


def other_texts(
    letter: ReadingInput, forwarded: str, country: str, store: frozenset[str]
) -> list[tuple[Text, tuple[str, str]]]:
    """Forwarded and attached mail, each with who wrote it. What the store itself wrote orders nothing."""
    found = []
    if forwarded.strip():
        name, email, cut = _forward_head(forwarded, letter.forwarded)
        ours = email.casefold() in store
        if (
            not ours
            and letter.from_email.casefold() not in store
            and _sent_to(forwarded, letter.from_email, letter.from_name)
        ):
            name = email = ""  # it was written to who forwards it, and that is who orders
        if not ours:
            canon = Canon(cut)
            found.append(
                (
                    Text(canon, "body", language_of(canon.low, default=default_language(country))),
                    (name, email),
                )
            )
    for part in letter.attached:
        if part.sender_email.casefold() in store and part.is_message:
            continue
        canon = Canon(part.text)
        # It was written to who hands it on, who orders then.
        here = letter.from_email.casefold() in part.sent_to and letter.from_email.casefold() not in store
        found.append(
            (
                Text(canon, part.source, language_of(canon.low, default=default_language(country))),
                ("", "") if here else (part.sender_name, part.sender_email),
            )
        )
    return found


def _forward_head(text: str, ranges: tuple[Span, ...]) -> tuple[str, str, str]:
    """Name and address in the header lines of a forward, and the text with those lines blanked out."""
    name = email = ""
    spans: list[Span] = []
    at, seen = 0, 0
    for line in text.split("\n"):
        low = Canon(line[:300]).low.lstrip("> *")
        label = people_label(low)
        if label or (seen == 0 and ("---" in line or low.rstrip().endswith(":"))):
            spans.append((at, at + len(line)))
            seen += bool(label)
            if label == "from" and not email:
                address = people._EMAIL.search(line)
                email = address[0] if address else ""
                name = (
                    line.partition(":")[2].partition("<")[0].strip(" *\"'[").replace(email, "").strip(" *\"'")
                )
        elif seen and line.strip():
            break
        at += len(line) + 1
    return name, email, without(text, spans)


def _sent_to(forwarded: str, email: str, name: str) -> bool:
    """Whether a forwarded mail was addressed to who forwards it, as its own header lines say."""
    head = Canon(forwarded[:1500]).low.split("\n")
    lines = [line for line in head if people_label(line[:300].lstrip("> *")) == "other"]
    who = " ".join(fold(name).split())
    said = bool(email) and any(email.casefold() in line for line in lines)
    return said or (" " in who and any(who == line.partition(":")[2].strip(" *") for line in lines))


def people_label(low: str) -> str:
    """Which header a line of a forward repeats: 'from', 'other' or ''."""
    word = low.partition(":")[0].strip(" *")
    if ":" not in low or len(word) > 16:
        return ""
    if word in ("from", "von", "de", "da", "van", "差出人", "送信元"):
        return "from"
    others = "to an a para aan cc date datum sent gesendet envoye enviado inviato verzonden subject betreff objet asunto oggetto onderwerp assunto data fecha 宛先 件名 日時 送信日時 reply-to"
    return "other" if word in others.split() else ""
