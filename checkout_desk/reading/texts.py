"""Reads one text of a mail, its body or an attached message: where it goes, how to call, what it orders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import groupby

from checkout_desk.reading import addressing, countries, cues, dictation, places
from checkout_desk.reading.accounting import account
from checkout_desk.reading.addresscues import labelled
from checkout_desk.reading.addressparts import Block, match_postcode
from checkout_desk.reading.addressvalues import ship_to
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.certainty import weigh_list, weigh_thread
from checkout_desk.reading.clauses import clauses, list_numbers
from checkout_desk.reading.eastaddress import japanese_address
from checkout_desk.reading.intents import hold_back, intent_of
from checkout_desk.reading.masking import masked_spans, notice_spans, struck_spans, wire_spans, without
from checkout_desk.reading.merging import Found, merge
from checkout_desk.reading.model import KnownThread, Role, ShipTo, Span, Value
from checkout_desk.reading.phones import find_phone
from checkout_desk.reading.places import Piece
from checkout_desk.reading.scene import Scene, Statement, held
from checkout_desk.reading.statements import read_sentence
from checkout_desk.reading.tables import read_tables
from checkout_desk.reading.tokens import word_key
from checkout_desk.reading.wholenames import name_spans

_WITH_NUMBER = re.compile(r"\b([^\W\d]{3,}) (\d{3,5})\b")
# No street begins so: "Ce sera le Chablis 2021, 6 bouteilles".
_WISH = re.compile(
    r"\W*(?:ce sera|j'|je |nous |i'd |i'll |we'd |we'll |we |ich |wir |quiero |queremos |quisiera |me gustaria |vorrei |vorremmo |prendo |queria |queremos |gostaria |ik |graag )"
)
_BROKEN = re.compile(r"(?<=[^\n])\n(?=[^\n])")
_IN_THE = re.compile(r"\bno\b")
"""Portuguese for "in the": it refuses nothing"""
_COUNTED = re.compile(r"\W*\d{1,5} ?[x*] ?\w")


@dataclass(slots=True)
class Text:
    """One text of the mail as far as it has been read."""

    canon: Canon
    source: str
    language: str
    address: ShipTo | None = None
    places: list[Span] = field(default_factory=list)
    phone: Value | None = None
    name: Value | None = None


def default_language(country: str) -> str:
    """The language to expect from a mail that tells none, by the store's country."""
    return {
        "DE": "de",
        "AT": "de",
        "CH": "de",
        "FR": "fr",
        "ES": "es",
        "PT": "pt",
        "BR": "pt",
        "IT": "it",
        "NL": "nl",
        "JP": "ja",
    }.get(country, "en")


def look_around(text: Text, country: str) -> None:
    """Find the address and the phone number of a text, so that their digits count nothing."""
    canon = text.canon
    text.phone = find_phone(canon, source=text.source, country=country)
    if text.phone is None and (broken := find_phone(unwrapped(canon), source=text.source, country=country)):
        text.phone = broken if broken.rule == "phone-label" else None
    eastern = (
        japanese_address(canon, source=text.source) if text.language == "ja" or country == "JP" else None
    )
    if eastern:
        text.address = eastern[0]
        text.places.append(eastern[1])
    else:
        _western(text, country)
    home = text.address.country.text if text.address and text.address.country else country
    if home != country:
        # A number without a country code is one of where the parcel goes; only else one of the store's country.
        text.phone = find_phone(canon, source=text.source, country=home) or text.phone


def _looks_like_phone(low: str) -> bool:
    digits = sum(c.isdigit() for c in low)
    return digits >= 9 and not any(c.isalpha() for c in low) and ". " not in low  # 79843-0318. 432-729-0133


def _western(text: Text, country: str) -> None:
    canon = text.canon
    form = labelled(canon)
    phones = [text.phone.span] if text.phone and text.phone.span and canon.in_place else []
    phones += [span for span in masked_spans(canon.low) if _looks_like_phone(canon.low[slice(*span)])]
    if {"line1", "city", "postcode", "place"} & form.keys():
        text.places += [_with_label(canon.low, span) for span in form.values()]
        book = addressing.AddressBook(canon, country=country, language=text.language)
        text.address = _from_form(canon, form, book, source=text.source)
        return
    book = addressing.AddressBook(canon, country=country, language=text.language, phones=phones)
    blocks = book.blocks()
    usable = [block for block in blocks if block.score > 0]
    if not (usable and "line1" in usable[-1].fields) and any(piece.cue for piece in book.pieces):
        flat = addressing.AddressBook(
            unwrapped(canon), country=country, language=text.language, phones=phones
        )
        if (found := flat.blocks()) and found[-1].cue and found[-1].score > 0 and _whole(found[-1]):
            blocks, usable, canon = found, found, flat.canon
    text.places += [block.span for block in blocks]
    if usable:
        text.address = ship_to(canon, usable[-1], source=text.source)
        if text.address.name is None and "name" in form:
            start, end = form["name"]
            said = " ".join(canon.shown(start, end).split()).strip(" .,")
            name = Value(said, "form-field", 0.9, text.source, canon.span(start, end))
            text.address = replace(text.address, name=name if places.is_name(canon.low[start:end]) else None)
        text.name = text.address.name
        _code_apart(text)


def unwrapped(canon: Canon) -> Canon:
    """A text whose lines a mail program broke anywhere, each paragraph on one line; everything stays at its place."""
    return Canon(_BROKEN.sub(" ", canon.text))


def _whole(block: Block) -> bool:
    return {"line1", "city", "postcode"} <= block.fields.keys()


def _with_label(low: str, value: Span) -> Span:
    """A field of a form with its label: 'Code postal' sells no postcard."""
    line = low.rfind("\n", 0, value[0]) + 1
    return max(line, *(low.rfind(sign, line, value[0]) + 1 for sign in ",;.")), value[1]


def _code_apart(text: Text) -> None:
    """'My zip is 73034', before the address or sentences behind it."""
    address, canon = text.address, text.canon
    if address is None or address.postcode or address.country is None:
        return
    country = address.country.text
    found = {}
    for start, end in dictation.codes(canon.low):
        if match := match_postcode(canon.low[start:end], country):
            found[match[0]] = (start + match.start(), start + match.end())
    if len(found) == 1:
        ((code, span),) = found.items()
        text.address = replace(
            address, postcode=Value(code.upper(), "postcode-apart", 0.85, text.source, canon.span(*span))
        )
        text.places = sorted([*text.places, span])


def _from_form(canon: Canon, form: dict[str, Span], book: addressing.AddressBook, *, source: str) -> ShipTo:
    """A filled-in form. A field that holds a whole address is taken apart as one."""
    block = Block([Piece(0, 0, "", 0)], "ship", 6.0)
    block.fields = {
        key: span for key, span in form.items() if key not in ("country", "place", "first", "last")
    }
    code = ""
    if "country" in form:
        code = countries.country_code(canon.low[slice(*form["country"])]) or ""
        low = canon.low[slice(*form["country"])].strip().upper()
        code = code or (low if countries.known_country(low) else "")
        block.country_said = form["country"] if code else None
    if "place" in form:
        start, end = form["place"]
        parts = canon.low[start:end]
        digits = next((m for c in (code, *book.countries) if c and (m := match_postcode(parts, c))), None)
        if digits:
            block.fields["postcode"] = (start + digits.start(), start + digits.end())
            rest = (start + digits.end(), end) if digits.start() == 0 else (start, start + digits.start())
            block.fields["city"] = rest
    if "postcode" in block.fields and not code:
        written = canon.low[slice(*block.fields["postcode"])]
        code = next(
            (
                c
                for c in book.countries
                if (m := match_postcode(written, c)) and len(m[0]) >= len(written.strip())
            ),
            "",
        )
    if "line1" in block.fields and "line2" not in block.fields:
        start, end = block.fields["line1"]
        comma = canon.low.rfind(",", start, end)
        if comma > start and places.is_unit(canon.low[comma + 1 : end].strip()):
            block.fields["line1"], block.fields["line2"] = (start, comma), (comma + 1, end)
    block.country = code or book.home
    found = ship_to(canon, block, source=source)
    if found.name is None and {"first", "last"} <= form.keys():
        words = [" ".join(canon.shown(*form[key]).split()) for key in ("first", "last")]
        found = replace(
            found, name=Value(" ".join(words), "form-field", 0.95, source, canon.span(*form["first"]))
        )
    return found


def order_of(
    text: Text,
    catalogue: Catalogue,
    *,
    role: Role,
    known: KnownThread | None,
    names: tuple[str, ...] = (),
    subject: str = "",
) -> Found:
    """What one text orders, by tables first and then sentence by sentence."""
    canon = text.canon
    for span in list(text.places):
        if _WISH.match(canon.low, *span) or _vintage(canon.low, span, catalogue):
            _clear(text, span)
    text.places += _names_in(canon.low, names)
    struck = struck_spans(canon.low)
    tables, taken = read_tables(canon, catalogue, text.language, struck)
    for span in _names_amid_places(canon, catalogue, text, taken):
        _clear(text, span)
    masked = _merged([*masked_spans(canon.low), *text.places, *taken, *list_numbers(canon.low)])
    if text.phone and text.phone.span and canon.in_place:
        masked = _merged([*masked, text.phone.span])
    masked = _merged([*masked, *(label for m in masked if (label := _label_of_number(canon.low, m)))])
    notices = notice_spans(canon.low)
    masked = _merged([*masked, *notices])
    hard = _merged(
        [*struck, *notices, *wire_spans(canon.low), *text.places, *taken, *list_numbers(canon.low)]
    )
    scene = Scene(canon, catalogue, text.language, masked, hard)
    scene.statements += tables
    scene.known = dict(known.lines) if known else {}
    in_the = [m.span() for m in _IN_THE.finditer(canon.low)] if text.language == "pt" else []
    blanked = scene.plain = without(canon.low, _merged([*masked, *name_spans(scene), *in_the]))
    for _, parts in groupby(clauses(canon.low, blanked=blanked), key=lambda clause: clause.sentence):
        said = list(parts)
        if not held(hard, said[0].start, said[-1].end):  # an address orders nothing
            read_sentence(scene, said)
    about = f"{fold(subject)}\n{canon.low}"
    hold_back(scene.statements, intent_of(about), paid=cues.paid(about))
    disputed = cues.DISPUTE.search(canon.low) is not None
    for statement in scene.statements if disputed else ():
        statement.seen = True
    lines = dict(known.lines) if known else {}
    first = min((s.start for s in scene.statements if s.skus and not s.seen), default=len(canon.low))
    if known and len(lines) == 1 and any(start < first for _, start, *_ in scene.loose):
        _said_again(scene, next(iter(lines)))
    if role == "new":
        account(scene)
    weigh_thread(scene)
    weigh_list(scene)
    found = merge(scene.statements, canon=canon, source=text.source, update=role == "update", known=lines)
    found.loose = [count for count, *_ in scene.loose]
    return found


_NUMBER_LABEL = re.compile(r"(?:^|[\n,;.(|]) ?(?P<word>[^\W\d][\w-]{1,14}) ?[.:]{1,2} ?$")


def _label_of_number(low: str, span: Span) -> Span | None:
    """The word before what looks like a phone number: 'Mobil: 0151 23456789' names no product."""
    if not _looks_like_phone(low[slice(*span)]):
        return None
    found = _NUMBER_LABEL.search(low, max(0, span[0] - 24), span[0])
    return (found.start("word"), span[0]) if found else None


def _vintage(low: str, span: Span, catalogue: Catalogue) -> bool:
    """Whether what looks like an address has a number that is a product's own: '6 Chablis 2019', '2 tins RAL 9010'."""
    postings = catalogue.postings
    return any(
        postings.get(word_key(match[1]), set()) & postings.get(f"n:{int(match[2])}", set())
        for match in _WITH_NUMBER.finditer(low, *span)
    )


def _names_amid_places(canon: Canon, catalogue: Catalogue, text: Text, taken: list[Span]) -> list[Span]:
    """Lines of what looks like an address that hold a product's whole name with a number in it: '2 Weekly Planner 2027'."""
    if not text.places:
        return []
    scene = Scene(canon, catalogue, text.language, _merged(taken), _merged(taken))
    found = []
    for start, end in name_spans(scene, within=text.places):
        begin = canon.low.rfind("\n", 0, start) + 1
        counted = _COUNTED.match(canon.low, begin) or any(c.isdigit() for c in canon.low[start:end])
        if counted and any(a <= start < b for a, b in text.places):
            stop = canon.low.find("\n", end)
            found.append((begin, len(canon.low) if stop < 0 else stop))
    return found


def _clear(text: Text, line: Span) -> None:
    """Take one line out of the places; an address that had its street there is none."""
    cut = []
    for a, b in text.places:
        if b <= line[0] or a >= line[1]:
            cut.append((a, b))
            continue
        cut += [span for span in ((a, line[0]), (line[1], b)) if span[1] > span[0]]
    text.places = cut
    start, end = text.canon.span(*line)
    street = text.address.line1.span if text.address and text.address.line1 else None
    if street and start <= street[0] < end:
        text.address = None


def _names_in(low: str, names: tuple[str, ...]) -> list[Span]:
    """Where the customer's own name stands: Rose Cherry orders neither roses nor cherries by signing."""
    found = []
    for name in names:
        word = " ".join(fold(name).split())
        if len(word) > 4 and " " in word:
            found += [match.span() for match in re.finditer(rf"\b{re.escape(word)}\b", low)]
    return found


def _said_again(scene: Scene, sku: str) -> None:
    """'Make it 3' in a thread that is about one product."""
    for count, start, end, corrects in scene.loose:
        scene.statements.append(
            Statement(
                (sku,),
                count,
                start,
                end,
                0.85 if corrects else 0.7,
                "thread-product",
                0,
                said=True,
                corrects=True,
            )
        )


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
