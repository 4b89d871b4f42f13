"""Where the parcel goes: finds blocks that look like addresses, scores them by what announces them, takes one apart.

The customer's own spelling is kept. A country that is not said is inferred from the postcode, the store or the language,
and marked so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from checkout_desk.reading import countries, places
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import ShipTo, Span, Value
from checkout_desk.reading.places import Piece

CUE = re.compile(
    r"(?P<bill>\b(?:billing|invoice|rechnungs|facturation|facturacion|faturacao|fatturazione|factuur)[ -]?(?:address|adresse|anschrift|adres)?\b(?! ?(?:-|und|and|&|et|y|e|en) ?(?:shipping|delivery|liefer|versand|livraison|envio))[ ]?:"
    r"|\badresse de facturation ?:?|\bdireccion de facturacion ?:?|\bindirizzo di fatturazione ?:?|\bmorada de faturacao ?:?|\bbilling address(?: is)? ?:?|\brechnungs(?:adresse|anschrift)(?: ist)? ?:?|\bfactuuradres ?:?)"
    r"|(?P<old>\b(?:old|previous|former|alte[nr]?|bisherige|ancienne|antigua|anterior|vecchio|oude) (?:address|adresse|anschrift|direccion|morada|indirizzo|adres)(?: (?:is|was|ist|war|era))? ?:?|\bnot to\b|\bno longer at\b|\bnicht (?:mehr )?an\b)"
    r"|(?P<ship>\b(?:(?:new |my |our |the |neue |meine |nueva |nouvelle |nuovo |nova )?(?:shipping|delivery|postal|mailing) address(?: is| now)?|liefer(?:adresse|anschrift)|versand(?:adresse|anschrift)|(?:rechnungs-? ?(?:und|&|/) ?)?lieferadresse|adresse de livraison(?: et de facturation)?"
    r"|direccion de (?:envio|entrega)|(?:morada|endereco) de (?:entrega|envio)|indirizzo di (?:spedizione|consegna)|(?:bezorg|aflever|verzend)adres|お届け先|送付先|送り先|配送先)(?: (?:ist|lautet|est|es|e|is))?\b ?:?"
    r"|\b(?:to|for) (?:my|our) (?:mother|father|mum|mom|dad|sister|brother|friend|wife|husband|son|daughter|parents|office|home|neighbou?r|grandmother|aunt)(?: at| in)?[ ]?[:,]"
    r"|\b(?:ship|send|sent|deliver|post|mail|dispatch)(?:ed|ing)?(?: it| them| everything| all| this| that| the (?:parcel|order|package|goods|lot)| please)? (?:all )?(?:to|for)(?: (?:me|us|the following address|this address|my address|the office|our office|my home|my (?:mother|mum|mom|sister|brother|friend|dad|father)))?(?: (?:please|in|at))?\b ?[:,]?"
    r"|\b(?:goes to|delivery to|shipping to|deliver to|ship to|attn|adressed to|addressed to)\b ?:?"
    r"|\b(?:lieferung|liefern|schicken|senden|versand|versenden|versendet|schicke|sende)(?: sie)?(?: es| alles| das| bitte| die ware| das paket)*,? (?:bitte )?(?:an|nach)(?: (?:mich|uns|folgende adresse|meine adresse))?\b ?:?"
    r"|\b(?:livrer|livraison|envoyer|expedier|envoyez|expediez|livrez)(?:[ -](?:le|la|les|tout|moi))*(?: a| chez| au)\b ?(?:l'adresse(?: suivante)?)? ?:?"
    r"|\b(?:envi\w{1,8}|entreg\w{1,6}|mand(?:ar|en|e|em)\w{0,4})(?: todo| por favor| el paquete| tudo)?(?: a| en| para| em)(?: la (?:siguiente )?direccion)?(?: a(?= rua)| o(?= largo))?\b ?:?"
    r"|\b(?:sped\w{1,8}|consegn\w{1,6}|invi\w{2,8})(?: tutto| il pacco)?(?: a| presso)\b ?:?"
    r"|\b(?:bezorgen|sturen|verzenden|leveren|stuur)(?: het| alles)?(?: naar| op| aan| bij)\b ?:?)"
    r"|(?P<plain>\b(?:my |our |meine? |mi |mon |ma |mio |mijn |unsere |notre |il mio |a minha |o meu )?(?:address|adresse|anschrift|direccion|morada|endereco|indirizzo|adres|住所)(?: (?:is|ist|lautet|est|es|e))?\b ?:"
    r"|\b(?:my|our|meine|mi|mon|mijn|il mio|unsere) (?:new |neue |nueva |nouvelle )?(?:address|adresse|anschrift|direccion|morada|indirizzo|adres)(?: (?:is|ist|lautet|est|es|e|has changed to|is now))\b ?:?"
    r"|\b(?:i'?m|i am|we'?re|we are) at\b(?= \d)|\b(?:i|we) (?:now )?live (?:at|in)\b|\bmoved to\b|\bich wohne (?:in der|in|am|an der)?\b|\bj'habite(?: au| a)?\b|\bvivo en\b|\bmoro (?:na|em|no)\b|\babito in\b|\bik woon (?:op|aan|in)\b|\b(?:to|an|at)\b(?= [^\n,]{2,40},? \d)|\b(?:to|aan|para|chez|naar)\b(?= [^\n,]{3,40}, [^\n,]{3,40})|\ban\b(?= [^\W\d]+ [^\W\d]+, [^\n,]{3,40}\d))"
)

_LABELS = {
    "name": r"(?:full |your |contact |first and last )?name|(?:ihr |vor- und nach)?name|nom(?: complet| et prenom)?|nombre(?: completo| y apellidos)?|nome(?: completo| e cognome)?|naam|ship to name|recipient|empfanger|destinataire|destinatario|お名前|氏名|名前",
    "line1": r"(?:street|shipping )?(?:address|street)(?: line)? ?1?|street(?: and| &)? ?(?:house )?(?:no|number)?|strasse(?: ?(?:und|/|&|,) ?(?:haus)?(?:nr|nummer)\.?)?|rue|calle|rua|via|straat(?: en (?:huis)?nummer)?|address line 1|adresse|anschrift|direccion|endereco|morada|indirizzo|adres",
    "line2": r"address line 2|address ?2|adresszusatz|complement(?:o| d'adresse)?|apartment|apt|flat|unit|toevoeging|interno",
    "city": r"city|town|city/town|town/city|ort|stadt|wohnort|ville|ciudad|poblacion|localidad|cidade|localidade|citta|plaats|woonplaats|市区町村",
    "region": r"state|county|region|province|bundesland|provincia|estado|stato|都道府県|prefecture",
    "postcode": r"post ?code|zip(?: ?code)?|postal code|plz|postleitzahl|code postal|cp|codigo postal|cep|cap|postcode|郵便番号",
    "place": r"plz(?: ?/ ?|,? (?:und )?)(?:wohn)?ort|code postal(?: et|/| ?/ ?) ?ville|postcode (?:en|/) ?(?:woon)?plaats|cap(?: e|/) ?citta|city,? state,? (?:and )?zip",
    "country": r"country|land|pays|pais|paese|国",
}
_LABELLED = {
    key: re.compile(rf"[ \t*>•-]{{0,4}}(?:{words})[ *]{{0,3}}[:=][ *\t]{{0,4}}(?P<value>[^\n]{{1,120}})")
    for key, words in _LABELS.items()
}


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


_BOX = re.compile(r"(?:p\.? ?o\.? box|postfach|apartado|bp|caixa postal|casella postale|postbus) ?\d")
_LABELLED_NUMBER = re.compile(
    r"\b(?:phone|tel\w*|mobile?|fax|handy|cell\w*|fone|nummer|number|po|order|kundennummer|account|invoice|ref\w*|no|nr|rechnung\w*|bestellung)\b\.?:? ?[+(\d]|\+\d"
)
_LANGUAGE_COUNTRY = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pt": "PT", "ja": "JP"}
# Postcodes whose form alone names the country.
_TELLING = ("GB", "NL", "CA", "PT", "JP", "BR", "PL")


class AddressBook:
    """Finds the addresses in one text."""

    def __init__(
        self, canon: Canon, *, country: str, language: str, phones: list[Span] | None = None
    ) -> None:
        self.canon, self.language, self.home, self.phones = canon, language, country, phones or []
        self.pieces = places.pieces(canon, cue_of=CUE)
        self.named = self._named()
        own = _LANGUAGE_COUNTRY.get(language, "")
        beside = {"de": ("AT", "CH"), "fr": ("BE", "CH"), "nl": ("BE",), "en": ("US", "IE")}.get(language, ())
        order = [*self.named, country, *_TELLING, own, *beside]
        self.countries = [c for c in dict.fromkeys(order) if c]

    def _named(self) -> list[str]:
        found = []
        for piece in self.pieces:
            code = countries.country_code(piece.low) or countries.country_code(
                piece.low.rpartition(" ")[2] if len(piece.low) > 8 else ""
            )
            if code and len(piece.low) > 2:
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
                and places.STREET_WORD.search(piece.low)
                and self._announced(i)
            ):
                self._block(i, "", found, used)
        return sorted(found, key=lambda b: b.score)

    def _announced(self, i: int) -> bool:
        """A street without a postcode counts where something announces an address, or where a name stands above it."""
        nearby = self.pieces[max(0, i - 3) : i + 1]
        return any(p.cue for p in nearby if self.pieces[i].line - p.line <= 3)

    def postcode(self, piece: Piece, i: int) -> str:
        """The country whose postcode stands in this piece, or ''. Bare digits count only beside a street or a cue."""
        if not any(c.isdigit() for c in piece.low) or self.is_phone(piece):
            return ""
        for country in self.countries:
            match = self.match(piece.low, country)
            if not match:
                continue
            if not match[0].replace("-", "").replace(" ", "").isdigit() or country == "JP":
                if country not in ("CA", "GB", "NL") or re.search(r"[a-z]", match[0]):
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

    def is_phone(self, piece: Piece) -> bool:
        """Whether the digits of a piece belong to a phone number or to a reference."""
        if any(a < piece.end and b > piece.start for a, b in self.phones):
            return True
        return _LABELLED_NUMBER.search(piece.low) is not None or sum(c.isdigit() for c in piece.low) > 12

    def _state(self, i: int, rest: list[str]) -> bool:
        names = countries.region_names("US")
        return (
            " ".join(rest) in names
            or (rest and rest[-1] in names)
            or bool(i and self.pieces[i - 1].low in names)
        )

    @staticmethod
    def match(low: str, country: str) -> re.Match[str] | None:
        """The postcode of `country` in a piece: the last one, which is not the house number at the front."""
        pattern = countries.postcode_pattern(country)
        last = None
        if pattern:
            for found in pattern.finditer(low):
                last = found
        if last and last.start() == 0 and country == "US" and places.STREET_WORD.search(low):
            return None
        return last

    def _beside_street(self, i: int) -> bool:
        piece = self.pieces[i]
        near = [p for p in self.pieces[max(0, i - 4) : i + 4] if abs(p.line - piece.line) <= 3]
        return (
            any(p.cue for p in near[:5])
            or any(p is not piece and places.is_street(p.low) for p in near)
            or places.STREET_WORD.search(piece.low) is not None
        )

    def _whole_line(self, last: int) -> bool:
        """Whether all of the line that ends with this piece can belong to an address, as far as what announces it."""
        at = last
        while at >= 0 and self.pieces[at].line == self.pieces[last].line:
            piece = self.pieces[at]
            if not self._fits(piece) or (piece.closed and at != last):
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

    def _block(self, anchor: int, code: str, found: list[Block], used: set[int]) -> None:
        first = last = anchor
        cue = self.pieces[anchor].cue
        streets = not code and places.is_street(self.pieces[anchor].low)
        while first > 0 and not cue and anchor - first < 6:
            above, here = self.pieces[first - 1], self.pieces[first]
            if (
                (first - 1) in used
                or here.line - above.line > 1
                or above.closed
                or above.bullet
                or not self._fits(above)
            ):
                break
            if above.line != here.line and not self._whole_line(first - 1):
                break  # the tail of a sentence on the line above, not a line of the address
            street = places.is_street(above.low) and not places.is_unit(above.low)
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
        if not cue:
            cue = self._cue_above(first)
        chosen = self.pieces[first : last + 1]
        used |= set(range(first, last + 1))
        block = Block(chosen, cue, 0.0)
        _Taker(self, block, code).take()
        if not ({"line1", "postcode"} & set(block.fields)):
            return
        score = (
            2.0 * ("postcode" in block.fields)
            + 2.0 * ("line1" in block.fields)
            + 0.5 * ("name" in block.fields)
        )
        score += {"ship": 4.0, "plain": 1.0, "bill": -8.0, "old": -9.0}.get(cue, 0.0) + 0.001 * anchor
        block.score = score
        found.append(block)

    def _below(self, piece: Piece, code: str, last: int, anchor: int) -> bool:
        """Whether a piece below still belongs: a country, a region, a city under a bare street or a bare postcode."""
        low = piece.low
        if (
            countries.country_code(low)
            or (low in countries.region_names(code or self.home))
            or places.is_unit(low)
        ):
            return True
        if code:
            bare = self.match(self.pieces[anchor].low, code)
            alone = bare is not None and bare[0].strip() == self.pieces[anchor].low
            before_city = code in ("GB", "US", "CA", "AU", "BR", "IE")
            return alone and last == anchor and not before_city and places.is_name(low)
        return (
            last == anchor
            and places.is_name(low)
            and len(low.split()) <= 3
            and not places.UNIT.fullmatch(low)
        )

    def _cue_above(self, first: int) -> str:
        if first == 0:
            return ""
        above, here = self.pieces[first - 1], self.pieces[first]
        return above.cue if here.line - above.line <= 2 and above.cue in ("bill", "old") else ""


class _Taker:
    """Takes one block apart into its fields."""

    def __init__(self, book: AddressBook, block: Block, code: str) -> None:
        self.book, self.block, self.code = book, block, code
        self.rest = list(block.pieces)

    def take(self) -> None:
        self.take_country()
        self.take_postcode()
        self.take_street()
        self.take_city()
        self.take_name()
        block = self.block
        if (
            "city" not in block.fields
            and block.country_said
            and block.country != self.book.home
            and "line1" in block.fields
        ):
            # Granada is a city before it is a country.
            block.fields["city"], block.country_said, block.country = block.country_said, None, ""
        block.country = (
            block.country or self.code or self.book.home or _LANGUAGE_COUNTRY.get(self.book.language, "")
        )

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
                if code != self.code and any(self.book.match(p.low, code) for p in self.rest):
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
            match = self.book.match(piece.low, self.code)
            if not match:
                continue
            start, end = piece.start + match.start(), piece.start + match.end()
            self.block.fields["postcode"] = (start, end)
            left = Piece(piece.start, start, piece.low[: match.start()], piece.line)
            right = Piece(end, piece.end, piece.low[match.end() :], piece.line)
            parts = [q for q in (_trim(left), _trim(right)) if q]
            self.rest[index : index + 1] = parts
            for part in parts:
                self.split_run(part)
            return

    def split_run(self, piece: Piece) -> None:
        """'kevin marsh 31 high st hull': name, street and city in one breath."""
        match = re.fullmatch(
            rf"(?P<name>(?:[^\W\d]\S*\s){{0,4}}?)(?P<street>\d{{1,4}}[a-z]?\s(?:[^\W\d]\S*\s){{0,3}}?(?:{places._STREET_WORDS})\b\.?)(?P<city>(?:\s[^\W\d]\S*){{0,3}})",
            piece.low,
        )
        if not match or piece not in self.rest or not match["city"].strip():
            return
        at = self.rest.index(piece)
        parts = [
            _trim(Piece(piece.start + match.start(g), piece.start + match.end(g), match[g], piece.line))
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
            box = next((p for p in self.rest if "line1" not in self.block.fields and _BOX.match(p.low)), None)
            if box:
                self.block.fields["line1"] = (box.start, box.end)
                self.rest.remove(box)
        for piece in list(self.rest):
            if places.is_unit(piece.low) and "line2" not in self.block.fields:
                self.block.fields["line2"] = (piece.start, piece.end)
                at = self.rest.index(piece)
                after = self.rest[at + 1] if at + 1 < len(self.rest) else None
                if (
                    after
                    and best
                    and after.line == piece.line
                    and after.end < best.start
                    and places.is_name(after.low)
                ):
                    self.block.fields["line2"] = (piece.start, after.end)
                    self.rest.remove(after)
                self.rest.remove(piece)

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
        if not after:
            return
        before_code = [p for p in after if postcode and p.end <= postcode[0]]
        behind_code = [p for p in after if postcode and p.start >= postcode[1]]
        british = (self.code or self.book.home) in ("GB", "US", "CA", "AU", "BR", "IE", "NZ", "IN")
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
        end = piece.end
        match = re.search(r"[\s(,-]+\(?([a-z]{2,3})\)?$", piece.low)
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
        trimmed = _trim(Piece(piece.start, end, self.book.canon.low[piece.start : end], piece.line))
        if trimmed:
            self.block.fields["city"] = (trimmed.start, trimmed.end)

    def set_region(self, piece: Piece, regions: dict[str, str]) -> None:
        self.block.fields.setdefault("region", (piece.start, piece.end))

    def take_name(self) -> None:
        """What stands above the street: a person or a house first, a company below it as a second line."""
        street = self.block.fields.get("line1")
        above = [p for p in self.rest if (not street or p.start < street[0]) and places.is_name(p.low)]
        if not above:
            return
        if "line1" not in self.block.fields and len(above) > 1:
            last = above.pop()  # a house with a name and no number
            self.block.fields["line1"] = (last.start, last.end)
        self.block.fields["name"] = (above[0].start, above[0].end)
        if len(above) > 1 and "line2" not in self.block.fields and above[-1].line >= above[0].line:
            self.block.fields["line2"] = (above[-1].start, above[-1].end)


def _trim(piece: Piece) -> Piece | None:
    start, end, low = piece.start, piece.end, piece.low
    if low.strip(" .,") in (
        "please",
        "bitte",
        "thanks",
        "svp",
        "por favor",
        "per favore",
        "graag",
        "thank you",
    ):
        return None
    while low and low[0] in " ,-()./":
        low, start = low[1:], start + 1
    while low and low[-1] in " ,-(/":
        low, end = low[:-1], end - 1
    for word in (" please", " bitte", " thanks", " svp"):
        if low.endswith(word):
            low, end = low[: -len(word)], end - len(word)
    return Piece(start, end, low, piece.line) if low else None


def labelled(canon: Canon) -> dict[str, Span]:
    """The fields of a filled-in form: 'Street: …', 'PLZ/Ort: …'; {} unless at least two belong to an address."""
    found: dict[str, Span] = {}
    at = 0
    for line in canon.low.split("\n"):
        if ":" in line or "=" in line:
            for key in ("place", *(k for k in _LABELLED if k != "place")):
                match = _LABELLED[key].fullmatch(line.rstrip())
                if match and key not in found:
                    found[key] = (
                        at + match.start("value"),
                        at + match.start("value") + len(match["value"].rstrip(" .")),
                    )
                    break
        at += len(line) + 1
    parts = {"line1", "city", "postcode", "place"} & set(found)
    if len(parts) < 2 and not (False):
        return {"name": found["name"]} if "name" in found else {}
    return found


def ship_to(canon: Canon, block: Block, *, source: str, certain: bool = True) -> ShipTo:
    """The values of a block, in the customer's own spelling."""
    confidence = min(0.97, 0.6 + 0.05 * max(block.score, 0)) if certain else 0.6
    rule = f"address-{block.cue or 'block'}"

    def value(name: str) -> Value | None:
        span = block.fields.get(name)
        if not span:
            return None
        shown = " ".join(canon.shown(*span).split())
        return (
            Value(shown.strip(" ,;"), rule, confidence, source, canon.span(*span))
            if shown.strip(" ,;")
            else None
        )

    said = block.country_said
    country = None
    if block.country:
        country = Value(
            block.country, rule if said else "country-inferred", confidence if said else 0.8, source,
            canon.span(*said) if said else None, inferred=said is None,
        )  # fmt: skip
    postcode = value("postcode")
    if postcode:
        postcode = Value(
            postcode.text.lstrip("〒 ").upper(), postcode.rule, postcode.confidence, source, postcode.span
        )
    return ShipTo(
        value("name"), value("line1"), value("line2"), value("city"), value("region"), postcode, country
    )
