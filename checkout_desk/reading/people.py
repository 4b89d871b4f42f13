"""Who writes: the name and address of the customer, from a form, the header, or the words above the end."""

from __future__ import annotations

import re

from checkout_desk.reading import cues, places
from checkout_desk.reading.addresscues import labelled
from checkout_desk.reading.addressparts import POSITION
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.model import ReadingInput, Value
from checkout_desk.reading.patterns import quick

_EMAIL_LABEL = re.compile(
    r"(?:e-?mail(?:[ -]?(?:address|adresse))?|correo(?: electronico)?|courriel|メール(?:アドレス)?)[ ]?[:=][ ]?(?P<value>[^\s<>@]{1,64}@[^\s<>@,;]{1,200}[a-z0-9])"
)
_NAME_LABEL = re.compile(
    r"(?:^|\n)[ *-]{0,4}(?:full |your |customer |contact |from |ihr |dein |votre |su |tu |o seu |seu |il tuo |tuo |uw |je |jouw |first and last |vor- und nach)?(?:name|nom(?: complet)?|nombre(?: completo| y apellidos)?|nome(?: completo| e cognome)?|naam|お名前|氏名|from|von|de)[ *]?:[ *]?(?P<value>[^\n<@]{2,60})"
)
_MY_NAME = re.compile(
    r"\b(?:my name is|i am called|mein name ist|ich heisse|je m'appelle|me llamo|mi nombre es|chamo-me|meu nome e|mi chiamo|mijn naam is)[ ](?P<value>[^\n,.;!?]{2,50})"
)
_EMAIL = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,200}\.[a-z]{2,24}")
_OFFICE = (
    r"(?:the|our|das|la|le|el|il|de|sales|team|office|offices|purchasing|procurement|purchase|accounts?|accounting|orders?|ordering|reception|front|desk|back|info|admin|administration|administrator|support"
    r"|customer|service|services|facilities|facility|manager|management|secretary|secretariat|assistant|buyer|buying|department|dept\.?|general|marketing|warehouse|stock|stores|supplies|finance|billing|hr|it|kitchen|bar|shop|store|club|committee"
    r"|compras|ventas|pedidos|administracion|administración|secretaria|secretaría|oficina|achats|commandes|comptabilité|comptabilite|secrétariat|direction|accueil|bureau|einkauf|vertrieb|verkauf|buchhaltung|büro|sekretariat|verwaltung|empfang|zentrale|bestellungen"
    r"|segreteria|amministrazione|acquisti|ufficio|ordini|direzione|inkoop|verkoop|administratie|kantoor|secretariaat|receptie|receção|escritório|encomendas|購買|総務|事務局)"
)
_NO_PERSON = quick(rf"{_OFFICE}(?:[ &/,-]+(?:and |und |et |y |e |en )?{_OFFICE}){{0,3}}")
"""a sender that is a desk: who signs is the customer"""
_ACCOUNTS = re.compile(
    r"(?:buchhaltung|einkauf|bestellungen|sekretariat|verwaltung|accounts|purchasing|orders|achats|service achats|comptabilite|secretariat|compras|administracion|ufficio acquisti|amministrazione|segreteria|inkoop|administratie|boekhouding) \S"
)
"""'Buchhaltung Gasthof Krone': a desk of somebody"""
_ROLE = quick(
    r"(?:no-?reply|wordpress|contact|form|mailer|notification|webmaster|donotreply|website|web|shop|info|orders?|bestellung|noreply)[\w.-]*@|kontaktformular|contact form|webform|form submission|website"
)


def form_email(canon: Canon) -> Value | None:
    """The address that a contact form names."""
    found = _EMAIL_LABEL.search(canon.low)
    if not found:
        return None
    span = found.span("value")
    return Value(canon.shown(*span), "form-field", 0.95, "body", canon.span(*span))


def _labelled_name(canon: Canon) -> Value | None:
    form = labelled(canon)
    if {"first", "last"} <= form.keys() and "name" not in form:
        words = [" ".join(canon.shown(*form[key]).split()) for key in ("first", "last")]
        return Value(" ".join(words), "form-field", 0.93, "body", canon.span(*form["first"]))
    for pattern, rule in ((_NAME_LABEL, "form-field"), (_MY_NAME, "said")):
        found = pattern.search(canon.low)
        if found:
            span = found.span("value")
            text = canon.shown(*span).strip(" *.,")
            if places.is_name(" ".join(canon.low[span[0] : span[1]].strip(" *.,").split())):
                return Value(text, rule, 0.93, "body", canon.span(*span))
    return None


def _person(line: str) -> bool:
    """Whether a line can be the name of one person."""
    return len(line.split()) in (2, 3) and places.is_name(line) and not POSITION.search(line)


def signed_name(canon: Canon) -> Value | None:
    """The name below the closing words, or alone on the last line."""
    lines: list[tuple[int, str]] = []
    at = 0
    for line in canon.low.split("\n"):
        if line.strip():
            lines.append((at + len(line) - len(line.lstrip()), line.strip()))
        at += len(line) + 1
    for number in range(len(lines) - 1, max(-1, len(lines) - 12), -1):
        start, line = lines[number]
        if number and POSITION.search(line) and len(line) < 60 and _person(lines[number - 1][1]):
            start, line = lines[number - 1]  # "Karim Belhadj", and below it "Responsable informatique"
            return _signed(canon, start, start + len(line), 0.8)
        if cues.CLOSING.match(line) and len(line) < 60:
            after = lines[number + 1 : number + 2]
            if after and places.is_name(after[0][1]) and len(after[0][1].split()) <= 4:
                start, line = after[0]
                return _signed(canon, start, start + len(line), 0.85)
            tail = re.search(r"[,!.] ([^\W\d]+(?: [^\W\d]+){0,2})$", line)
            if tail and places.is_name(tail[1]):
                a, b = start + tail.start(1), start + tail.end(1)
                return _signed(canon, a, b, 0.8)
    if lines and places.is_name(lines[-1][1]) and len(lines[-1][1].split()) <= 3 and len(lines) > 1:
        start, line = lines[-1]
        return _signed(canon, start, start + len(line), 0.75)
    return None


def _signed(canon: Canon, start: int, end: int, sure: float) -> Value:
    return Value(canon.shown(start, end), "signed", sure, "body", canon.span(start, end))


def is_relay(letter: ReadingInput, store: frozenset[str], canon: Canon) -> bool:
    """Whether a contact form sends this for somebody: its own address in From, the person's in Reply-To or in the text."""
    other = bool(letter.reply_to) and letter.reply_to[0][1].casefold() != letter.from_email.casefold()
    machine = (
        letter.from_email.casefold() in store
        or _ROLE.search(f"{letter.from_email} {letter.from_name}".casefold()) is not None
    )
    return machine and (other or form_email(canon) is not None)


def sender(
    letter: ReadingInput, canon: Canon, *, store: frozenset[str], address_name: Value | None
) -> tuple[Value | None, Value | None]:
    """Name and e-mail of the customer."""
    if is_relay(letter, store, canon):
        email = form_email(canon)
        name = _labelled_name(canon)
        if letter.reply_to:
            reply_name, reply_email = letter.reply_to[0]
            email = email or Value(reply_email, "reply-to", 0.95, "header")
            name = name or (Value(reply_name, "reply-to", 0.9, "header") if reply_name else None)
        return name or address_name or signed_name(canon), email
    header = letter.from_name.strip().strip("'\"")
    email = Value(letter.from_email, "from-header", 0.97, "header") if letter.from_email else None
    desk = _NO_PERSON.fullmatch(header.casefold()) or _ACCOUNTS.match(fold(header))
    if header and "@" not in header and desk:
        signed = signed_name(canon)
        if (
            signed is not None
            and signed.confidence >= 0.8
            and not _NO_PERSON.fullmatch(signed.text.casefold())
        ):
            return signed, email
    if header and "@" not in header:
        form = _labelled_name(canon)
        words, longer = fold(header).split(), fold(form.text).split() if form else []
        fuller = form if len(longer) > len(words) and longer[: len(words)] == words else None
        return fuller or Value(header, "from-header", 0.95, "header"), email
    return _labelled_name(canon) or address_name or signed_name(canon), email
