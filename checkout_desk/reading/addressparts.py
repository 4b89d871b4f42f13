"""Takes one block of an address apart: postcode, country, street, flat, city, region, name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from checkout_desk.reading import addresstown, countries, cues, places
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span
from checkout_desk.reading.places import Piece
from checkout_desk.reading.whichcountry import LANGUAGE_COUNTRY


class Book(Protocol):
    """What a block must know of the text that it stands in."""

    canon: Canon
    home: str
    language: str


@lru_cache(maxsize=5_000)  # the neighbours of a piece ask for the same
def match_postcode(low: str, country: str) -> re.Match[str] | None:
    """The postcode of `country` in a piece: the last one, which is not the house number at the front."""
    pattern = countries.postcode_pattern(country)
    last = None
    if pattern:
        for found in pattern.finditer(low):
            last = found
    if last and last.start() == 0:
        if country == "US" and places.STREET_WORD.search(low):
            return None
        behind = low[last.end() :].lstrip(" ,")
        if len(last[0]) == 4 and places.STREET_FIRST.match(behind) and not any(c.isdigit() for c in behind):
            return None  # 1020 rue Saint-Jean: the only number of a street is that of the house
    return last


@dataclass(slots=True)
class Block:
    """Pieces that together are one address, what announced it, and what was taken out of it."""

    pieces: list[Piece]
    cue: str
    score: float
    fields: dict[str, Span] = field(default_factory=dict)
    country: str = ""
    country_said: Span | None = None
    more: list[Span] = field(default_factory=list)

    @property
    def span(self) -> Span:
        return self.pieces[0].start, self.pieces[-1].end


def weigh_signed(pieces: list[Piece], found: list[Block]) -> None:
    """An address in the text goes before the one of the writer below 'kind regards': why else would it be given?"""
    closing = next((p for p in reversed(pieces) if cues.CLOSING.match(p.low)), None)
    if closing is None or not any(b.score > 0 and b.pieces[-1].end <= closing.start for b in found):
        return
    for block in found:
        if block.pieces[-1].start > closing.start and block.cue not in ("ship", "mine"):
            block.score -= 3.0


BOX = re.compile(
    r"(?:case postale|p\.? ?o\.? box|postfach|apartado|bp|caixa postal|casella postale|postbus) ?\d"
)


POSITION = re.compile(
    r"\b(?:manager(?:in)?|director|directora?|directeur|directrice|direttore|direttrice|leiter(?:in)?|(?:co-)?owner|inhaber(?:in)?|founder|ceo|cto|cfo|coo|geschaftsfuhrer(?:in)?"
    r"|rechtsanwalt(?:in)?|avocate?|abogad[ao]|avvocato|solicitor|architekt(?:in)?|assistentin|assistant|assistente|secretary|sekretarin|gerante?|gerente|responsable|titolare|proprietaria?|eigenaar"
    r"|president|chairman|treasurer|accountant|buyer|einkaufer(?:in)?|prokurist(?:in)?|professor of|head of|chef de|jefe de|retd|ret'd)\b"
)
"""what somebody is, below the name in a signature: it is on no label"""
_ARTICLE = re.compile(r"(?:die|der|das|dem|den|the|la|le|les|el|il|lo|het|de) ")
_TO_SOMEBODY = re.compile(
    r"(?:[^\W\dA-ZÀ-Þ][\w'-]* ){0,5}(?:a|an|to|à|aan|naar|chez|para|für|for|voor|per|pour) (?=[A-ZÀ-Þ])"
)
"""'spedite pure a Elena Ricci'"""
_AT_SOMEBODYS = re.compile(r" (?:presso|c/o|p/a|chez|bei(?= (?:familie|fam\.?|frau|herrn?) )) ?[^\W\d]")
_LEADS = re.compile(
    r"(?:the|my|our|this|these|following|new|same|meine|neue|folgende|ma|mon|mi|la siguiente|nueva)\b"
)
PERSON = re.compile(
    r"(?:attn|att|attention|z\. ?hd\.?|zu handen(?: von)?|t\.?a\.?v\.?|a l'attention de|a/c|(?:alla )?c\. ?a\.|all'attenzione(?: di)?"
    r"|a la atencion de|a/a|aos? cuidados? de)[.:]? "
)
OWNER = re.compile(
    r"(?:t\.?n\.?v\.?|op naam van|a nombre de|au nom de|a nome di|em nome de|auf den namen|in the name of)[.:]? (?=[^\W\d])"
)
_HOUSE_NAME = re.compile(
    r"the old \w+|the (?:\w+ ){0,2}(?:vicarage|rectory|manse|lodge|cottage|farm|farmhouse|barn|mill|house|hall|grange|manor|forge|stables|coach house|school house)"
)
_FARM_NAME = re.compile(r"(?:\w+ ){1,2}(?:cottage|farm|farmhouse|barn|mill|lodge|grange|manor)")
_TOWNS_TOO = frozenset(
    "granada luxembourg luxemburg luxemburgo lussemburgo singapore singapur singapour singapura monaco djibouti panama guatemala mexico"
    " kuwait gibraltar macau macao andorra georgia jersey hongkong".split()
) | {"hong kong", "san marino"}
"""countries that a town is named like"""


_IN_TOWN = re.compile(r"(?P<street>.{4,50}) (?:in|a) (?P<town>[^\W\d][^\d,]{1,30})")
_ABOUT_CODE = re.compile(
    r"(?:and |und |et )?(?:the|my|die|le|el) ?(?:post ?code|zip|zip code|plz|postleitzahl|code postal|codigo postal)(?: is| ist| lautet| est| es)?"
)


class Taker:
    """Takes one block apart into its fields."""

    def __init__(self, book: Book, block: Block, code: str) -> None:
        self.book, self.block, self.code = book, block, code
        self.rest = list(block.pieces)
        self.more: list[Span] = []

    def take(self) -> None:
        self.take_owner()
        self.take_country()
        self.take_postcode()
        self.street_in_town()
        self.take_street()
        addresstown.take(self)
        self.take_name()
        self.take_more()
        block = self.block
        fields = block.fields
        if "city" not in block.fields and block.country_said and "line1" in block.fields:
            # Granada is a city before it is a country; Luxembourg, behind its own postcode, is both.
            both = block.country == self.code and "postcode" in block.fields
            named = self.book.canon.low[slice(*block.country_said)]
            if named in _TOWNS_TOO and (both or block.country != self.book.home):
                block.fields["city"] = block.country_said
                if not both:
                    block.country_said, block.country = None, ""
        if block.cue == "plain" and "city" not in fields and {"name", "line1", "postcode"} <= fields.keys():
            fields["city"] = fields.pop("name")  # j'habite à Annecy, 9 chemin des Vignes, 74000
        block.country = (
            block.country or self.code or self.book.home or LANGUAGE_COUNTRY.get(self.book.language, "")
        )

    def take_owner(self) -> None:
        """'…, in the name of Bridge Foundation': says itself that it is the name, wherever it stands."""
        for piece in self.rest:
            if found := OWNER.match(piece.low):
                self.block.fields["name"] = (piece.start + found.end(), piece.end)
                self.rest.remove(piece)
                return

    def take_country(self) -> None:
        for piece in reversed(self.rest):
            code = countries.country_code(piece.low)
            if (
                code
                and piece is not self.rest[0]
                and len(piece.low) > 1
                and piece.low not in countries.REGIONS.get(self.code, ())
            ):
                self.block.country, self.block.country_said = code, (piece.start, piece.end)
                self.rest.remove(piece)
                if code != self.code and any(match_postcode(p.low, code) for p in self.rest):
                    self.code = code
                return
        last = self.rest[-1]
        head, _, tail = last.low.rpartition(" ")
        if len(tail) > 2 and head and (code := countries.country_code(tail)):
            self.block.country, self.block.country_said = code, (last.end - len(tail), last.end)
            self.rest[-1] = Piece(
                last.start, last.start + len(head.rstrip(" ,-")), head.rstrip(" ,-"), last.line, last.cue
            )

    def take_postcode(self) -> None:
        if not self.code:
            return
        for index in range(len(self.rest) - 1, -1, -1):
            piece = self.rest[index]
            match = match_postcode(piece.low, self.code)
            if not match:
                continue
            start, end = piece.start + match.start(), piece.start + match.end()
            sign = countries.SIGNED.match(match[0])
            self.block.fields["postcode"] = (start + (sign.end() if sign else 0), end)
            if sign and not self.block.country_said:
                self.block.country, self.block.country_said = self.code, (start, start + sign.end() - 1)
            left = Piece(piece.start, start, piece.low[: match.start()], piece.line)
            right = Piece(end, piece.end, piece.low[match.end() :], piece.line)
            parts = [q for q in (places.trimmed(left), places.trimmed(right)) if q]
            self.rest[index : index + 1] = parts
            for part in parts:
                self.split_run(part)
            return

    def split_run(self, piece: Piece) -> None:
        """'kevin marsh 31 high st hull': name, street and city in one breath."""
        match = re.fullmatch(
            rf"(?P<name>(?:[^\W\d]\S*\s){{0,4}}?)(?P<street>\d{{1,4}}[a-z]?\s(?:[^\W\d]\S*\s){{1,3}}?(?:{places._STREET_WORDS})\b\.?)(?P<city>(?:\s[^\W\d]\S*){{0,3}})",
            piece.low,
        )
        if not match or piece not in self.rest or not match["city"].strip():
            return
        at = self.rest.index(piece)
        parts = [
            places.trimmed(
                Piece(piece.start + match.start(g), piece.start + match.end(g), match[g], piece.line)
            )
            for g in ("name", "street", "city")
        ]
        self.rest[at : at + 1] = [p for p in parts if p]

    def take_street(self) -> None:
        streets = [p for p in self.rest if places.is_street(p.low) and not places.is_unit(p.low)]
        if len(streets) > 1:  # a box beside a street is where it is put, no street
            self.more += [(p.start, p.end) for p in streets if BOX.match(p.low)]
            self.rest = [p for p in self.rest if p not in streets or not BOX.match(p.low)]
            streets = [p for p in streets if not BOX.match(p.low)]
        best = next((p for p in streets if places.STREET_WORD.search(p.low)), streets[0] if streets else None)
        if best:
            at = self.rest.index(best)
            tail = None if places.CROSSING.fullmatch(best.low) else places.TAIL_UNIT.search(best.low)
            end = best.end
            if tail and tail.start() > 4:
                self.more.append((best.start + tail.start(), best.end))
                end = best.start + len(best.low[: tail.start()].rstrip(" ,"))
            self.block.fields["line1"] = (best.start, end)
            self.rest.pop(at)
        else:
            self.street_and_number()
            self.odd_street()
            box = next((p for p in self.rest if "line1" not in self.block.fields and BOX.match(p.low)), None)
            if box:
                self.block.fields["line1"] = (box.start, box.end)
                self.rest.remove(box)
        self.take_unit()

    def take_unit(self) -> None:
        """Flats, floors, houses and who it is care of, for the second line; 'Flat 4B, Lotus Apartments' as a whole."""
        while (at := next((i for i, p in enumerate(self.rest) if places.is_unit(p.low)), -1)) >= 0:
            self.take_from(at)

    def take_from(self, at: int) -> None:
        """One flat with the house that stands behind it on its line."""
        piece, street = self.rest[at], self.block.fields.get("line1")
        end = at + 1
        while end < len(self.rest):
            after = self.rest[end]
            house = street is not None and after.end < street[0] and places.is_name(after.low)
            between = street is not None and self.rest[end - 1].end <= street[0] < after.start
            if after.line != piece.line or between or not (places.is_unit(after.low) or house):
                break
            end += 1
        self.more.append((piece.start, self.rest[end - 1].end))
        del self.rest[at:end]

    def take_more(self) -> None:
        """All that stands between name and town and is not the street: nothing of it may be missing on a label."""
        parts: list[Span] = []
        for start, end in sorted(self.more):
            if parts and not self.book.canon.low[parts[-1][1] : start].strip(" ,;\n"):
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((start, end))
        if parts:
            self.block.fields["line2"], self.block.more = parts[0], parts[1:]

    def street_in_town(self) -> None:
        """'12 High Street in Leeds, the postcode is LS1 4AB': the town behind its street."""
        for at, piece in enumerate(self.rest):
            found = _IN_TOWN.fullmatch(piece.low)
            if found and places.is_street(found["street"]) and places.STREET_WORD.search(found["street"]):
                end = piece.start + found.end("street")
                town = Piece(piece.start + found.start("town"), piece.end, found["town"], piece.line)
                self.rest[at : at + 1] = [Piece(piece.start, end, found["street"], piece.line), town]
                self.rest = [p for p in self.rest if not _ABOUT_CODE.fullmatch(p.low)]
                return

    def street_and_number(self) -> None:
        """'Calle Mayor, 25': the number stands in a piece of its own; or a house that has a name only."""
        for at, piece in enumerate(self.rest[:-1]):
            after = self.rest[at + 1]
            if re.fullmatch(r"(?:n[º°.]? ?)?\d{1,4} ?[a-z]?", after.low) and places.STREET_WORD.search(
                piece.low
            ):
                self.block.fields["line1"] = (piece.start, after.end)
                del self.rest[at : at + 2]
                return
        for at, piece in enumerate(self.rest):
            named = at or places.NAMED_PLACE.match(piece.low)
            street = places.STREET_WORD.search(piece.low) or places.NAMED_PLACE.match(piece.low)
            if named and street and places.is_name(piece.low):
                self.block.fields["line1"] = (piece.start, piece.end)
                self.rest.pop(at)
                return

    def odd_street(self) -> None:
        """A line with a number above the town is the street, whatever its form: 'Q7, 24', 'N6840 County Road F'."""
        code = self.block.fields.get("postcode")
        if "line1" in self.block.fields or code is None or any(BOX.match(p.low) for p in self.rest):
            return
        before = [p for p in self.rest[1:] if p.end <= code[0] and not places.is_unit(p.low)]
        odd = [p for p in before if places.is_numbered(p.low)]
        if odd:
            line = [p for p in odd if p.line == odd[-1].line]
            self.block.fields["line1"] = (line[0].start, line[-1].end)
            self.rest = [p for p in self.rest if p not in line]

    def without_article(self, piece: Piece) -> Span:
        """'an die Grundschule am Park': an article without a capital belongs to the sentence."""
        article = _ARTICLE.match(piece.low)
        if article:
            shown = self.book.canon.shown(piece.start, piece.end)
            if shown[0].islower() and shown[article.end() : article.end() + 1].isupper():
                return piece.start + article.end(), piece.end
        return piece.start, piece.end

    def whole_name(self, piece: Piece) -> Span:
        """A name without the words of a sentence before it and without whose house it is behind it."""
        start, end = self.without_article(piece)
        shown = self.book.canon.shown(start, end)
        if shown[0].islower() and (led := _TO_SOMEBODY.match(shown)):
            start, shown = start + led.end(), shown[led.end() :]
        if at := _AT_SOMEBODYS.search(shown.casefold()):
            self.more.append((start + at.start() + 1, end))
            end = start + at.start()
        return start, end

    def leads(self, piece: Piece) -> bool:
        """Whether a piece is no name but 'the new place:' in front of an address; a house is written with a capital."""
        shown = self.book.canon.shown(piece.start, piece.start + 1)
        return _LEADS.match(piece.low) is not None and shown.islower() and not self.book.canon.text.islower()

    def aside(self, piece: Piece) -> bool:
        """What stands in brackets behind a name: 'R. Ashworth (Col., retd.)'."""
        low = self.book.canon.low
        begin = max(low.rfind("\n", 0, piece.start) + 1, self.block.pieces[0].start)
        return low.rfind("(", begin, piece.start) > max(begin, low.rfind(")", begin, piece.start))

    def take_name(self) -> None:
        """What stands above the street: a person or a house first, a company below it as a second line. Whom a company
        is asked to give the parcel to stands below the company, as on an envelope (DIN 5008)."""
        street = self.block.fields.get("line1")
        if "name" in self.block.fields:
            return
        person = next((span for span in self.more if PERSON.match(self.book.canon.low, *span)), None)
        above = [p for p in self.rest if (not street or p.start < street[0]) and places.is_name(p.low)]
        above = [p for p in above if not self.leads(p) and not self.aside(p)]
        above = next((above[at:] for at, p in enumerate(above) if p.to), above)
        if len(above) > 1 and self.book.canon.low[above[0].end : above[0].end + 2].strip()[:1] == ":":
            above = above[1:]  # 'an die Werkstatt:', and below it the whole address
        if len(above) > 1 and above[0].low in above[1].low.split():
            above = above[1:]  # signed 'Alan', and below it the whole name
        if above:
            self.name_of(above, street)
        elif person and (not street or person[0] < street[0]):
            led = PERSON.match(self.book.canon.low, *person)
            self.block.fields["name"] = (led.end() if led else person[0], person[1])
            self.more.remove(person)

    def name_of(self, above: list[Piece], street: Span | None) -> None:
        """A person or a house first, then a company, a department, the name of a house."""
        if (
            len(above) == 1
            and street
            and not self.more
            and (
                _HOUSE_NAME.fullmatch(above[0].low)
                or (self.block.cue == "plain" and _FARM_NAME.fullmatch(above[0].low))
            )
        ):
            self.more.append((above[0].start, above[0].end))
            return
        if "line1" not in self.block.fields and len(above) > 1:
            lower = [p for p in above[1:] if p.line > above[0].line] or above[1:]
            house = lower[0]  # a house with a name and no number, and below it the village
            above.remove(house)
            self.block.fields["line1"] = (house.start, house.end)
        self.block.fields["name"] = self.whole_name(above[0])
        self.more += [(p.start, p.end) for p in above[1:] if not POSITION.search(p.low)]
