"""Takes one block of an address apart: postcode, country, street, flat, city, region, name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from checkout_desk.reading import countries, places
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span
from checkout_desk.reading.places import Piece


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
    region: str = ""

    @property
    def span(self) -> Span:
        return self.pieces[0].start, self.pieces[-1].end


BOX = re.compile(r"(?:p\.? ?o\.? box|postfach|apartado|bp|caixa postal|casella postale|postbus) ?\d")


_ARTICLE = re.compile(r"(?:die|der|das|dem|den|the|la|le|les|el|il|lo|het|de) ")
_LEADS = re.compile(
    r"(?:the|my|our|this|these|following|new|same|meine|neue|folgende|ma|mon|mi|la siguiente|nueva)\b"
)
PERSON = re.compile(
    r"(?:attn|att|attention|z\. ?hd\.?|zu handen(?: von)?|t\.?a\.?v\.?|a l'attention de)[.:]? "
)
OWNER = re.compile(
    r"(?:t\.?n\.?v\.?|op naam van|a nombre de|au nom de|a nome di|em nome de|auf den namen|in the name of)[.:]? (?=[^\W\d])"
)
_HOUSE_NAME = re.compile(
    r"the (?:\w+ ){0,2}(?:vicarage|rectory|manse|lodge|cottage|farm|farmhouse|barn|mill|house|hall|grange|manor|forge|stables|coach house|school house)"
)
_FARM_NAME = re.compile(r"(?:\w+ ){1,2}(?:cottage|farm|farmhouse|barn|mill|lodge|grange|manor)")
_TOWNS_TOO = frozenset(
    "granada luxembourg luxemburg luxemburgo lussemburgo singapore singapur singapour singapura monaco djibouti panama guatemala mexico"
    " kuwait gibraltar macau macao andorra georgia jersey hongkong".split()
) | {"hong kong", "san marino"}
"""countries that a town is named like"""

LANGUAGE_COUNTRY = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pt": "PT", "ja": "JP"}


_IN_TOWN = re.compile(r"(?P<street>.{4,50}) (?:in|a) (?P<town>[^\W\d][^\d,]{1,30})")
_RIVER = re.compile(r" \([^\W\d][\w .-]{1,20}\)")
"""what tells two German towns of one name apart: Winsen (Aller), Halle (Saale)"""
_ABOUT_CODE = re.compile(
    r"(?:and |und |et )?(?:the|my|die|le|el) ?(?:post ?code|zip|zip code|plz|postleitzahl|code postal|codigo postal)(?: is| ist| lautet| est| es)?"
)


class Taker:
    """Takes one block apart into its fields."""

    def __init__(self, book: Book, block: Block, code: str) -> None:
        self.book, self.block, self.code = book, block, code
        self.rest = list(block.pieces)

    def take(self) -> None:
        self.take_owner()
        self.take_country()
        self.take_postcode()
        self.street_in_town()
        self.take_street()
        self.take_city()
        self.take_name()
        block = self.block
        fields = block.fields
        if block.cue == "plain" and "city" not in fields and {"name", "line1", "postcode"} <= fields.keys():
            fields["city"] = fields.pop("name")  # j'habite à Annecy, 9 chemin des Vignes, 74000
        if "city" not in block.fields and block.country_said and "line1" in block.fields:
            # Granada is a city before it is a country; Luxembourg, behind its own postcode, is both.
            both = block.country == self.code and "postcode" in block.fields
            named = self.book.canon.low[slice(*block.country_said)]
            if named in _TOWNS_TOO and (both or block.country != self.book.home):
                block.fields["city"] = block.country_said
                if not both:
                    block.country_said, block.country = None, ""
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
            self.block.fields["postcode"] = (start, end)
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
        best = next((p for p in streets if places.STREET_WORD.search(p.low)), streets[0] if streets else None)
        if best:
            at = self.rest.index(best)
            tail = places.TAIL_UNIT.search(best.low)
            end = best.end
            if tail and tail.start() > 4:
                self.block.fields["line2"] = (best.start + tail.start(), best.end)
                end = best.start + len(best.low[: tail.start()].rstrip(" ,"))
            self.block.fields["line1"] = (best.start, end)
            self.rest.pop(at)
        else:
            self.street_and_number()
            box = next((p for p in self.rest if "line1" not in self.block.fields and BOX.match(p.low)), None)
            if box:
                self.block.fields["line1"] = (box.start, box.end)
                self.rest.remove(box)
        self.take_unit()

    def take_unit(self) -> None:
        """Flat, floor, house or who it is care of, as the second line; 'Flat 4B, Lotus Apartments' as a whole."""
        piece = next((p for p in self.rest if places.is_unit(p.low)), None)
        if piece is None or "line2" in self.block.fields:
            return
        street = self.block.fields.get("line1")
        at = self.rest.index(piece)
        end = at + 1
        while end < len(self.rest):
            after = self.rest[end]
            house = street is not None and after.end < street[0] and places.is_name(after.low)
            between = street is not None and self.rest[end - 1].end <= street[0] < after.start
            if after.line != piece.line or between or not (places.is_unit(after.low) or house):
                break
            end += 1
        self.block.fields["line2"] = (piece.start, self.rest[end - 1].end)
        del self.rest[at:end]

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
            if at and places.STREET_WORD.search(piece.low) and places.is_name(piece.low):
                self.block.fields["line1"] = (piece.start, piece.end)
                self.rest.pop(at)
                return

    def take_city(self) -> None:
        """The piece between street and postcode, or behind the postcode; a region may stand beside it."""
        street = self.block.fields.get("line1")
        postcode = self.block.fields.get("postcode")
        after = [p for p in self.rest if not street or p.start > street[0]]
        if not after and not street and postcode:
            after = (
                self.rest[-1:]
                if len(self.rest) > 1 or (self.rest and self.rest[0].start > postcode[0])
                else []
            )
        regions = countries.region_names(self.code or self.block.country or self.book.home)
        for piece in reversed(after):
            if piece.low.strip("() ") in regions and len(after) > 1:
                self.set_region(piece, regions)
                after.remove(piece)
                self.rest.remove(piece)
                break
        if len(after) > 1 and (self.code or self.book.home) in ("GB", "IE"):
            county = next((p for p in reversed(after) if countries.is_county(p.low)), None)
            if county is not None and any(p.start < county.start for p in after):
                self.set_region(county, regions)
                after.remove(county)
                self.rest.remove(county)
        if not after:
            return
        before_code = [p for p in after if postcode and p.end <= postcode[0]]
        behind_code = [p for p in after if postcode and p.start >= postcode[1]]
        british = (self.code or self.book.home) in ("GB", "US", "CA", "AU", "BR", "IE", "NZ", "IN")
        if street and postcode and self.code == "BR" and behind_code:
            british = False  # Consolação, 01304-001 São Paulo: the quarter stands before the postcode
        city = (
            (before_code[-1] if british and before_code else None)
            or (behind_code[0] if behind_code else None)
            or (before_code or after)[-1]
        )
        self.rest = [p for p in self.rest if p is not city]
        self.set_city(city, regions)
        extra = [p for p in after if p is not city and p in self.rest and street]
        if extra and "line2" not in self.block.fields:
            self.block.fields["line2"] = (extra[0].start, extra[0].end)
        self.rest = [p for p in self.rest if p not in extra]

    def set_city(self, piece: Piece, regions: dict[str, str]) -> None:
        who, inside, where = piece.low.rpartition(" in ")
        if (
            inside and places.is_name(who) and "line1" not in self.block.fields
        ):  # ship to Hank Miller in Tulsa
            self.block.fields["name"] = (piece.start, piece.start + len(who))
            piece = Piece(piece.end - len(where), piece.end, where, piece.line)
        end = piece.end
        match = re.search(r"[\s(,/-]+\(?([a-z]{2,3})\)?$", piece.low)
        if match and match[1] in regions and (len(match[1]) <= 3):
            self.block.region = (
                regions[match[1]]
                if len(match[1]) > 3
                else self.book.canon.shown(piece.start + match.start(1), piece.start + match.end(1))
            )
            self.block.fields["region"] = (piece.start + match.start(1), piece.start + match.end(1))
            end = piece.start + match.start()
        elif (self.code in countries.REGIONS) and (
            named := next(
                (
                    n
                    for n in sorted(regions, key=len, reverse=True)
                    if len(n) > 3 and piece.low.endswith(" " + n)
                ),
                None,
            )
        ):
            self.block.fields["region"] = (piece.end - len(named), piece.end)
            end = piece.end - len(named) - 1
        trimmed = places.trimmed(Piece(piece.start, end, self.book.canon.low[piece.start : end], piece.line))
        if trimmed:
            river = _RIVER.match(self.book.canon.low, trimmed.end) if self.code == "DE" else None
            self.block.fields["city"] = (trimmed.start, river.end() if river else trimmed.end)

    def set_region(self, piece: Piece, regions: dict[str, str]) -> None:
        behind = self.book.canon.shown(piece.end, min(piece.end + 3, len(self.book.canon.low)))
        dotted = behind[:1] == "." and len(piece.low) < 6 and not behind[1:].strip()[:1].isupper()
        self.block.fields.setdefault("region", (piece.start, piece.end + dotted))

    def without_article(self, piece: Piece) -> Span:
        """'an die Grundschule am Park': an article without a capital belongs to the sentence."""
        article = _ARTICLE.match(piece.low)
        if article:
            shown = self.book.canon.shown(piece.start, piece.end)
            if shown[0].islower() and shown[article.end() : article.end() + 1].isupper():
                return piece.start + article.end(), piece.end
        return piece.start, piece.end

    def leads(self, piece: Piece) -> bool:
        """Whether a piece is no name but 'the new place:' in front of an address; a house is written with a capital."""
        shown = self.book.canon.shown(piece.start, piece.start + 1)
        return _LEADS.match(piece.low) is not None and shown.islower() and not self.book.canon.text.islower()

    def take_name(self) -> None:
        """What stands above the street: a person or a house first, a company below it as a second line."""
        street = self.block.fields.get("line1")
        if "name" in self.block.fields:
            return
        unit = self.block.fields.get("line2")
        person = PERSON.match(self.book.canon.low, *unit) if unit else None
        above = [p for p in self.rest if (not street or p.start < street[0]) and places.is_name(p.low)]
        above = [p for p in above if not self.leads(p)]
        above = next((above[at:] for at, p in enumerate(above) if p.to), above)
        if len(above) > 1 and self.book.canon.low[above[0].end : above[0].end + 2].strip()[:1] == ":":
            above = above[1:]  # 'an die Werkstatt:', and below it the whole address
        if len(above) > 1 and above[0].low in above[1].low.split():
            above = above[1:]  # signed 'Alan', and below it the whole name
        if unit and person and (not street or unit[0] < street[0]):
            self.block.fields["name"] = (person.end(), unit[1])
            del self.block.fields["line2"]
            if above:
                self.block.fields["line2"] = (above[-1].start, above[-1].end)
            return
        if not above:
            return
        if (
            len(above) == 1
            and street
            and "line2" not in self.block.fields
            and (
                _HOUSE_NAME.fullmatch(above[0].low)
                or (self.block.cue == "plain" and _FARM_NAME.fullmatch(above[0].low))
            )
        ):
            self.block.fields["line2"] = (above[0].start, above[0].end)
            return
        if "line1" not in self.block.fields and len(above) > 1:
            last = above.pop()  # a house with a name and no number
            self.block.fields["line1"] = (last.start, last.end)
        self.block.fields["name"] = self.without_article(above[0])
        if len(above) > 1 and "line2" not in self.block.fields and above[-1].line >= above[0].line:
            self.block.fields["line2"] = (above[-1].start, above[-1].end)
