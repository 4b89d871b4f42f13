"""Contact forms: a machine writes for a person, who stands in Reply-To or in the fields of the form."""

from __future__ import annotations

import re
from collections.abc import Collection

from checkout_desk.intake.texts import best_text
from checkout_desk.mail.letter import Address, Letter
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.people import form_email

_MACHINE = re.compile(
    r"(?:^|[._+-])(?:no-?reply|do-?not-?reply|noreply|wordpress|forms?|contact|contact-?form|kontaktformular|webform|website"
    r"|mailer|notifications?|webmaster)(?:[._+-]|$)",
    re.IGNORECASE,
)
_FIELDS = 4_000
"""characters in which a form names the writer"""


def form_person(letter: Letter, *, own_addresses: Collection[str]) -> Address | None:
    """The person for whom a contact form sent `letter`, or None when no form did.

    A form starts a talk: it answers nothing and reports nothing. It sends from an address of ours, from our domain, or
    from one that only machines have (then for a person of another domain). The person is a claim like any From
    (SECURITY A11): such a mail joins no conversation and changes no customer.
    """
    sender = letter.sender.key
    if not sender or letter.in_reply_to or letter.references or letter.report or _answers_by_itself(letter):
        return None
    domain = sender.rpartition("@")[2]
    ours = sender in own_addresses or domain in {address.rpartition("@")[2] for address in own_addresses}
    if not ours and not _MACHINE.search(sender.rpartition("@")[0]):
        return None
    for person in letter.reply_to[:1]:
        if not person.email or person.key == sender or _is_own(person.key, own_addresses):
            return None
        return person if ours or person.key.rpartition("@")[2] != domain else None
    return _in_fields(letter, own_addresses) if ours else None


def _in_fields(letter: Letter, own_addresses: Collection[str]) -> Address | None:
    found = form_email(Canon(best_text(letter)[:_FIELDS]))
    return Address(found.text) if found and not _is_own(found.text.casefold(), own_addresses) else None


def _is_own(key: str, own_addresses: Collection[str]) -> bool:
    """Whether an address is one of ours, with or without the signed part behind a plus."""
    local, _, domain = key.rpartition("@")
    return key in own_addresses or f"{local.partition('+')[0]}@{domain}" in own_addresses


def _answers_by_itself(letter: Letter) -> bool:
    """An automatic answer (RFC 3834) is nobody's form; what a form sends is generated, not replied."""
    word = letter.header("auto-submitted").partition(";")[0].strip().lower()
    return word not in ("", "no", "auto-generated")
