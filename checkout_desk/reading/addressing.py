"""Where the parcel goes: finds blocks that look like addresses, scores them by what announces them, takes one apart.

The customer's own spelling is kept. A country that is not said is inferred from the postcode, the store or the language,
and marked so.
"""

from __future__ import annotations

import re

from checkout_desk.reading import countries, cues, parting, places, whichcountry
from checkout_desk.reading.addresscues import BILL_BEHIND, CUE
from checkout_desk.reading.addressparts import (
    BOX,
    OWNER,
    PERSON,
    Block,
    Taker,
    match_postcode,
    weigh_signed,
)
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.model import Span
from checkout_desk.reading.places import Piece

_LABELLED_NUMBER = re.compile(
    r"\b(?:phone|tel\w*|mobile?|fax|handy|cell\w*|fone|nummer|number|po|order|kundennummer|account|invoice|ref\w*|no|nr|rechnung\w*|bestellung|verwendungszweck|betreff|objet|asunto|causale|kenmerk)\b\.?:? ?[+(\d]|\+\d"
)
_POLISH = re.compile(r"(?:ul|al|os|pl)\.? ")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SENTENCE = re.compile(r"\b(?:the|be|is|should|code|plz|ist|lautet|est|es)\b")


def _house_number(piece: Piece, match: re.Match[str]) -> bool:
    """Whether digits end a street that begins with its kind: 'Av. Corrientes 1234'."""
    return (
        match.start() > 0
        and places.STREET_FIRST.match(piece.low) is not None
        and places.is_street(piece.low[: match.end()])
        and (match.end() == len(piece.low) or places.is_unit(piece.low[match.end() :].strip()))
    )


class AddressBook:
    """Finds the addresses in one text."""

    def __init__(
        self, canon: Canon, *, country: str, language: str, phones: list[Span] | None = None
    ) -> None:
        self.canon, self.language, self.home, self.phones = canon, language, country, phones or []
        self.pieces = parting.settled(canon, places.pieces(canon, cue_of=CUE))
        self.named = self._named()
        self.countries, self.hinted = whichcountry.in_order(
            self.named, canon.low, home=country, language=language
        )

    def _named(self) -> list[str]:
        found = []
        for piece in self.pieces:
            code = countries.country_code(piece.low) or countries.country_code(
                piece.low.rpartition(" ")[2] if len(piece.low) > 8 else ""
            )
            if code and len(piece.low) > 2 and piece.low not in countries.region_names("US"):
                found.append(code)
        return found

    def blocks(self) -> list[Block]:
        """All addresses of the text, best last."""
        found: list[Block] = []
        used: set[int] = set()
        for i, piece in enumerate(self.pieces):
            if i in used or (len(piece.low) > 90):
                continue
            if code := self.postcode(piece, i):
                self._block(i, code, found, used)
        for i, piece in enumerate(self.pieces):
            if (
                i not in used
                and places.is_street(piece.low)
                and (places.STREET_WORD.search(piece.low) or BOX.match(piece.low))
                and (self._announced(i) or self._stands_alone(i) or self._abroad(i) or self._in_state(i))
            ):
                self._block(i, "", found, used)
        weigh_signed(self.pieces, found)
        return sorted(found, key=lambda b: b.score)

    def _announced(self, i: int) -> bool:
        """A street without a postcode counts where something announces an address, or where a name stands above it."""
        nearby = self.pieces[max(0, i - 3) : i + 1]
        return any(p.cue for p in nearby if self.pieces[i].line - p.line <= 3)

    def _stands_alone(self, i: int) -> bool:
        """Name, street and town one below the other and nothing else on their lines: the end of a letter."""
        if i == 0 or i + 1 >= len(self.pieces):
            return False
        above, here, below = self.pieces[i - 1 : i + 2]
        apart = here.line - above.line == 1 and below.line - here.line == 1
        first = i < 2 or self.pieces[i - 2].line < above.line
        last = i + 2 >= len(self.pieces) or self.pieces[i + 2].line > below.line
        whole = apart and first and last and not above.bullet and not here.bullet
        return (
            whole
            and len(above.low.split()) in (2, 3)
            and places.is_name(above.low)
            and places.is_name(below.low)
        )

    def postcode(self, piece: Piece, i: int) -> str:
        """The country whose postcode stands in this piece, or ''. Bare digits count only beside a street or a cue."""
        if not any(map(str.isdigit, piece.low)) or self.is_phone(piece):
            return ""
        if (sign := countries.SIGNED.search(piece.low)) and match_postcode(
            piece.low, code := countries.SIGNS[sign["sign"]]
        ):
            return code  # DK-1650 København V
        for country in self._countries_at(i):
            match = match_postcode(piece.low, country)
            if not match:
                continue
            bare = match[0].replace("-", "").replace(" ", "").isdigit() and country != "JP"
            if "-" in match[0] and country in (*self.named, *self.hinted):
                bare = False  # 00-549 Warszawa, and below it 'Poland'
            if self._other_number(piece, match, country, i) or (bare and _house_number(piece, match)):
                continue
            if not bare and (country not in ("CA", "GB", "NL") or re.search(r"[a-z]", match[0])):
                return country
            rest = (piece.low[: match.start()] + " " + piece.low[match.end() :]).split()
            if (
                country == "US"
                and self.home != "US"
                and not (
                    countries.REGIONS["US"] & set(rest)
                    or (i and self.pieces[i - 1].low in countries.REGIONS["US"])
                    or self._state(i, rest)
                )
            ):
                continue
            if len(rest) <= 6 and self._beside_street(i) and (rest or i + 1 < len(self.pieces) or i):
                return country
        return ""

    def _other_number(self, piece: Piece, match: re.Match[str], country: str, i: int) -> bool:
        """Whether what has the form of a postcode is another number: of an article, a year, a house."""
        at_home = country in (self.home, *self.named)
        plain = country in ("BR", "JP") and match[0].isdigit() and not at_home
        if plain or (country == "NL" and self._little_word(piece, match)):
            return True
        if _YEAR.fullmatch(match[0]) and not at_home and country not in self.hinted:
            return True
        if match.start() and self._code_first_below(i, country):
            return True
        if country in ("PL", "PT") and not at_home and not self._lives_there(i):
            return True  # "Basssaiten 45-105"
        street = places.STREET_WORD.search(piece.low, match.end())
        return not at_home and match.start() == 0 and street is not None  # 2210 SE Division St

    def _code_first_below(self, i: int, country: str) -> bool:
        """Whether a postcode begins the next piece: then the number at the end of this one is that of the house."""
        if i + 1 >= len(self.pieces) or not self.pieces[i].low[-1].isdigit():
            return False
        here, below = self.pieces[i : i + 2]
        match = match_postcode(below.low, country) if below.line - here.line <= 1 else None
        return (
            match is not None
            and match.start() == 0
            and len(match[0]) < len(below.low)
            and not any(sign.isdigit() for sign in below.low[match.end() :])
        )

    def _countries_at(self, i: int) -> list[str]:
        """The countries to try for piece `i`: where the words of the street beside it are foreign, theirs before the store's."""
        near = [p for p in self.pieces[max(0, i - 3) : i + 2] if abs(p.line - self.pieces[i].line) <= 2]
        streets = [p.low for p in near if places.is_street(p.low)]
        hints = [c for low in streets for c in countries.street_countries(low, home=self.home)]
        if not hints and any(countries.speaks(low, home=self.home) for low in streets):
            hints = [self.home]  # Lindenstraße: wherever the writer's phone is from
        hints = [c for c in hints if c not in self.named]
        return list(dict.fromkeys([*self.named, *hints, *self.countries])) if hints else self.countries

    def _little_word(self, piece: Piece, match: re.Match[str]) -> bool:
        """Whether the letters of a Dutch postcode are a word of the sentence: 'trois Chablis 2021 et un …'."""
        letters = match[0][-2:]
        shown = self.canon.shown(piece.start + match.end() - 2, piece.start + match.end())
        return letters in COMMON and not shown.isupper() and match[0][-3:-2] == " "

    def is_phone(self, piece: Piece) -> bool:
        """Whether the digits of a piece belong to a phone number or to a reference."""
        if any(a < piece.end and b > piece.start for a, b in self.phones):
            return True
        return _LABELLED_NUMBER.search(piece.low) is not None or sum(map(str.isdigit, piece.low)) > 12

    def _state(self, i: int, rest: list[str]) -> bool:
        names = countries.region_names("US")
        return (
            " ".join(rest) in names
            or (rest and rest[-1] in names)
            or bool(i and self.pieces[i - 1].low in names)
        )

    def _beside_street(self, i: int) -> bool:
        piece = self.pieces[i]
        near = [p for p in self.pieces[max(0, i - 4) : i + 4] if abs(p.line - piece.line) <= 3]
        return (
            any(p.cue for p in near[:5])
            or any(p is not piece and places.is_street(p.low) for p in near)
            or places.STREET_WORD.search(piece.low) is not None
            or any(places.NAMED_PLACE.match(p.low) for p in near)
            or any(self._odd(j) for j in range(max(0, i - 2), i))
        )

    def _lives_there(self, i: int) -> bool:
        """Whether a street stands near piece `i` by its own words, or something that announces an address."""
        near = [p for p in self.pieces[max(0, i - 4) : i + 4] if abs(p.line - self.pieces[i].line) <= 3]
        return any(p.cue or places.STREET_WORD.search(p.low) or _POLISH.match(p.low) for p in near)

    def _whole_line(self, last: int) -> bool:
        """Whether all of the line that ends with this piece can belong to an address, as far as what announces it."""
        at = last
        while at >= 0 and self.pieces[at].line == self.pieces[last].line:
            piece = self.pieces[at]
            if at != last and (
                cues.CLOSING.match(piece.low) or piece.low.rpartition(" ")[2] in places.LEADING_ON
            ):
                return True  # "Kind regards, Ann Lee" above the street; "To: Ann Lee"
            if not (self._fits(piece) or self._amid(at) or self._odd(at)) or (piece.closed and at != last):
                return False
            if piece.cue:
                return True
            at -= 1
        return True

    def _fits(self, piece: Piece) -> bool:
        return (
            places.is_street(piece.low)
            or places.is_unit(piece.low)
            or places.is_name(piece.low)
            or countries.country_code(piece.low) is not None
        )

    def _code_alone(self, at: int, anchor: int, code: str) -> bool:
        """Whether a postcode with letters stands alone behind a full stop: 'Leeds, West Yorkshire. LS1 4AB'."""
        piece = self.pieces[anchor]
        match = match_postcode(piece.low, code) if code and at == anchor else None
        same = at > 0 and self.pieces[at - 1].line == piece.line
        return same and match is not None and match[0] == piece.low and not piece.low.isdigit()

    def _amid(self, at: int) -> bool:
        """A phone number between name and street on one line, or a customer number below a Packstation."""
        piece, above = self.pieces[at], self.pieces[at - 1] if at else None
        if above is not None and above.low.startswith("packstation") and piece.low.isdigit():
            return True
        phone = self.is_phone(piece) and not any(sign.isalpha() for sign in piece.low)
        return phone and at + 1 < len(self.pieces) and self.pieces[at + 1].line == piece.line

    def _odd(self, at: int, streets: bool = False) -> bool:
        """A line with a number, in no form that we know, right below a name: what stands there is the street."""
        piece = self.pieces[at]
        if streets or not places.is_numbered(piece.low) or self.is_phone(piece):
            return False
        above = next(
            (p for p in self.pieces[max(0, at - 3) : at][::-1] if not places.is_numbered(p.low)), None
        )
        return (
            above is not None
            and piece.line - above.line <= 1
            and (above.line < piece.line or bool(above.cue))
            and not above.closed
            and len(above.low.split()) in (2, 3, 4)
            and places.is_name(above.low)
        )

    def _abroad(self, i: int) -> bool:
        """A street or a box with its town and its country below, where there are no postcodes."""
        below = [p for p in self.pieces[i + 1 : i + 4] if p.line - self.pieces[i].line <= 3]
        return any(countries.country_code(p.low) and len(p.low) > 3 for p in below[1:])

    def _in_state(self, i: int) -> bool:
        """A street with its town and the state behind: '1200 S Bryant Ave, Edmond, Oklahoma', the ZIP elsewhere."""
        if self.home not in countries.REGIONS:
            return False
        regions = countries.region_names(self.home)
        for piece in self.pieces[i + 1 : i + 3]:
            if piece.line - self.pieces[i].line > 2 or self.pieces[i].closed:
                return False
            town, _, last = piece.low.rpartition(" ")
            state = (
                piece.low
                if piece is not self.pieces[i + 1] and piece.low in regions
                else last
                if town
                else ""
            )
            if state in regions and (
                len(state) > 3 or self.canon.shown(piece.end - len(state), piece.end).isupper()
            ):
                return True
        return False

    def _reach(self, anchor: int, code: str, used: set[int]) -> tuple[int, int, str]:
        """The first and the last piece around a postcode or a street that belong to it, and what announces them."""
        first = last = anchor
        cue = self.pieces[anchor].cue
        streets = not code and places.is_street(self.pieces[anchor].low)
        while first > 0 and not cue and anchor - first < 6:
            above, here = self.pieces[first - 1], self.pieces[first]
            if (
                (first - 1) in used
                or here.line - above.line > 1
                or (
                    above.closed
                    and not places.is_unit(above.low)
                    and not self._code_alone(first, anchor, code)
                )
                or above.bullet
                or not (
                    self._fits(above) or self._amid(first - 1) or (code and self._odd(first - 1, streets))
                )
            ):
                break
            if above.line != here.line and not self._whole_line(first - 1):
                break  # the tail of a sentence on the line above, not a line of the address
            street = (
                places.is_street(above.low) and not places.is_unit(above.low) and not BOX.match(above.low)
            )
            if street and streets:
                break
            streets = streets or street
            first -= 1
            cue = above.cue
        while last + 1 < len(self.pieces) and last - anchor < 4:
            below, here = self.pieces[last + 1], self.pieces[last]
            if (
                here.closed
                or below.line - here.line > 1
                or below.cue
                or not self._below(below, code, last, anchor)
            ):
                break
            last += 1
        return first, last, cue

    def _block(self, anchor: int, code: str, found: list[Block], used: set[int]) -> None:
        first, last, cue = self._reach(anchor, code, used)
        cue = cue or self._cue_above(first)
        cue = "bill" if BILL_BEHIND.match(self.canon.low, self.pieces[last].end) else cue
        chosen = self.pieces[first : last + 1]
        used |= set(range(first, last + 1))
        block = Block(chosen, cue, 0.0)
        Taker(self, block, code).take()
        if not ({"line1", "postcode"} & set(block.fields)):
            return
        city = block.fields.get("city")
        if "line1" not in block.fields and not (
            city
            and places.is_name(self.canon.low[slice(*city)])
            and not _SENTENCE.search(self.canon.low[slice(*city)])
        ):
            return
        if city and "line1" not in block.fields and self.canon.low[slice(*city)] in COMMON:
            return  # "cette fois, du 2018"
        score = (
            2.0 * ("postcode" in block.fields)
            + 2.0 * ("line1" in block.fields)
            + 0.5 * ("name" in block.fields)
        )
        score += {"mine": 5.0, "ship": 4.0, "plain": 1.0, "bill": -8.0, "old": -9.0}.get(
            cue, 0.0
        ) + 0.001 * anchor
        block.score = score
        found.append(block)

    def _below(self, piece: Piece, code: str, last: int, anchor: int) -> bool:
        """Whether a piece below still belongs: a country, a region, a city under a bare street or a bare postcode."""
        low = piece.low
        if OWNER.match(low):
            return True
        if (
            countries.country_code(low)
            or (low in countries.region_names(code or self.home))
            or (places.is_unit(low) and (not PERSON.match(low) or piece.line == self.pieces[anchor].line))
        ):
            return True
        if code:
            bare = match_postcode(self.pieces[anchor].low, code)
            alone = bare is not None and bare[0].strip() == self.pieces[anchor].low
            before_city = code in ("GB", "US", "CA", "AU", "BR", "IE")
            return alone and last == anchor and not before_city and places.is_name(low)
        return (
            last == anchor
            and places.is_name(low)
            and len(low.split()) <= (4 if piece.line == self.pieces[anchor].line else 3)
            and not places.UNIT.fullmatch(low)
        )

    def _cue_above(self, first: int) -> str:
        if first == 0:
            return ""
        above, here = self.pieces[first - 1], self.pieces[first]
        return above.cue if here.line - above.line <= 2 and above.cue in ("bill", "old") else ""
