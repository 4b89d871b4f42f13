"""From what a server, a parser or the desk itself said to a cause that is the same tomorrow. Pure.

What differs from case to case is taken out: addresses, names of hosts, numbers, ids. Codes stay, for they are the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

KINDS: dict[str, tuple[str, str, str]] = {
    "bounced": ("Bounced", "mail-warning", "bad"),
    "failed": ("Not delivered", "mail-warning", "bad"),
    "unknown": ("May have arrived", "circle-help", "soon"),
    "unreadable": ("Could not be read", "file-question", "bad"),
    "silent": ("Silent mailbox", "mailbox", "bad"),
    "webhook": ("Refused webhook", "ban", "soon"),
    "clock": ("Clock", "clock", "bad"),
    "stuck": ("Stuck work", "hourglass", "bad"),
    "milestone": ("Milestone mails", "triangle-alert", "bad"),
    "stopped": ("Held back", "ban", "soon"),
    "placeholder": ("Empty placeholder", "file-text", "soon"),
}
"""kind -> (what people call it, icon, tone)"""


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind, the key that makes two cases the same, and words for people."""

    kind: str
    key: str
    words: str


_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"^\s*([245]\d\d)(?=[ -]|$)")
_LINE_CODE = re.compile(r"(?<=\s)[245]\d\d[ -](?=[245]\.\d|\w)")
_NAMED = re.compile(r"<[^<>]*>|\S+@\S+|\b\w+://\S+|\([^()]*\d[^()]*\)")
_VARYING = re.compile(r"[^\s,;:!?“”\"'()\[\]]*(?:\d|(?<=\w)[.=_/\\](?=\w))[^\s,;:!?“”\"'()\[\]]*")
_SIGNS = re.compile(r"[\s…,;:.!?“”\"'()\[\]<>*=-]+")
STATUS = {
    "5.0.0": "The receiving server refused it and gave no reason",
    "5.1.0": "Something is wrong with the address",
    "5.1.1": "The mailbox does not exist",
    "5.1.2": "The domain of the address does not exist",
    "5.1.3": "The address is not written as one",
    "5.1.6": "The mailbox has moved and left no address",
    "5.1.10": "The domain takes no mail at all",
    "5.2.0": "Something is wrong with the mailbox",
    "5.2.1": "The mailbox is switched off",
    "5.2.2": "The mailbox is full",
    "5.2.3": "The mail is larger than the mailbox allows",
    "5.3.4": "The mail is larger than the server allows",
    "5.4.1": "The receiving server does not answer",
    "5.4.4": "No server takes mail for that domain",
    "5.4.6": "The mail went in circles",
    "5.4.7": "It could not be handed over in time",
    "5.7.0": "The receiving server has a rule against it",
    "5.7.1": "The receiving server does not let us deliver",
    "5.7.26": "The receiving server could not confirm that the mail is ours (SPF, DKIM, DMARC)",
}
"""status of RFC 3463 -> what it says"""
_SUBJECTS = (
    "for a reason that it did not give", "for the address", "for the mailbox", "for the mail system", "on the way",
    "for the protocol", "for the content", "by a rule",
)  # fmt: skip
"""what the middle number of a status stands for"""


def plain(words: str, *, known: Iterable[str] = ()) -> str:
    """`words` without what differs from case to case. `known`: addresses that may be spelt in parts ('user jane')."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in words[:600]).split())
    for address in known:
        local, _, domain = address.partition("@")
        for part in (address, domain, local):
            if len(part) > 1:
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", text, flags=re.IGNORECASE)
    text = _VARYING.sub("…", _NAMED.sub("…", text))
    return re.sub(r"… (?=[\])}>])", "…", re.sub(r"(?:…[\s,;:]*)+", "… ", text)).strip(" .,;:-") or "…"


def _key(words: str) -> str:
    return _SIGNS.sub(" ", words).strip().casefold()[:130] or "…"


def answer(code: int, words: str, *, known: Iterable[str] = ()) -> Cause:
    """A server refused a mail, with this SMTP code (0: it never came to that), now or for 48 hours."""
    found = _CODE.match(words)
    if found:
        code, words = code or int(found[1]), words[found.end() :]
    enhanced = _ENHANCED.search(words)
    status = enhanced[1] if enhanced else ""
    said = plain(_LINE_CODE.sub("", _ENHANCED.sub("", words)).strip(" -"), known=known)[:200]
    named = " ".join(part for part in (str(code) if code else "", status) if part)
    key = f"{named} {_key(said)}".strip()[:160]
    return Cause("failed", key, " ".join(part for part in (named, said) if part)[:300])


def bounce(status: str) -> Cause:
    """A report said that a mail which was accepted could not be delivered: by its status of RFC 3464."""
    if not re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", status):
        return Cause("bounced", "none", "It came back, and the report gives no status")
    words = STATUS.get(status)
    if words is None:
        middle = int(status.split(".")[1])
        words = f"The receiving server refused it {_SUBJECTS[middle] if middle < len(_SUBJECTS) else _SUBJECTS[0]}"
    return Cause("bounced", status, f"{status} {words}")


def unknown(words: str) -> Cause:
    """The connection was lost, or we were, when the mail might have left."""
    said = plain(words)[:200]
    return Cause("unknown", _key(said), said)


def unreadable(fault: str | None) -> Cause:
    """What kept a mail from being read: the kind of the fault, and its words."""
    if not fault:
        return Cause("unreadable", "none", "It could not be read, and nothing says why")
    if re.search(r"unknown encoding|codec|charset|UnicodeDecode", fault):
        return Cause(
            "unreadable", "charset", "Its character set is not known, or its text is not written in it"
        )
    said = plain(fault)[:200]
    return Cause("unreadable", _key(said), said)


def silence(mailbox: int, why: str) -> Cause:
    """A mailbox went silent: with or without its server."""
    how = "contact" if why.startswith("No contact") else "mail"
    words = "No contact with its server" if how == "contact" else "Far longer without mail than usual"
    return Cause("silent", f"{mailbox} {how}", words)


def webhook(door: str, why: str) -> Cause:
    """A door refused what came: `door` is 'mailbox:3', 'provider:stripe' or 'carrier:2'."""
    said = plain(why)[:200]
    return Cause("webhook", f"{door} {_key(said)}"[:160], said)


def clock() -> Cause:
    """Doors refuse what is signed rightly, because its time is not ours: most likely our own clock is wrong."""
    words = "Webhooks with right signatures are refused: their times are more than five minutes from this machine's clock"
    return Cause("clock", "webhooks", words)


_PLACEHOLDER = re.compile(r"^(\[[A-Z][A-Z0-9_]*\])(?: in “([^”]*)”)?")


def stopped(why: str, milestone: str = "", *, known: Iterable[str] = ()) -> Cause:
    """An automatic mail was not made, or was held back."""
    found = _PLACEHOLDER.match(why)
    if found:
        return placeholder(found[1], found[2] or milestone)
    said = plain(why, known=known)[:200]
    return Cause("stopped", f"{milestone} {_key(said)}".strip()[:160], said)


def placeholder(name: str, where: str = "") -> Cause:
    """A mail was not sent because `name` (with brackets) is unknown or stands for nothing."""
    words = f"{name} stands for nothing" + (f" in “{where}”" if where else " in a mail that somebody wrote")
    return Cause("placeholder", f"{name} {where}".strip()[:160], words[:300])


MILESTONE = {
    "missing": "An order moved on, and its customer was not told: “{}”",
    "early": "A customer was told “{}”, and the order is not there",
    "doubled": "A customer was told “{}” more than once",
}


def milestone(how: str, name: str) -> Cause:
    """`how` is a key of MILESTONE; `name` that of the mail."""
    return Cause("milestone", f"{how} {name}", MILESTONE[how].format(name.replace("_", " ")))


def stuck(what: str, words: str) -> Cause:
    """Work that should have been done long ago."""
    return Cause("stuck", what, words)
