"""The town of an address and its region: between street and postcode or behind the postcode, as the country writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checkout_desk.reading import countries, places
from checkout_desk.reading.model import Span
from checkout_desk.reading.places import Piece

if TYPE_CHECKING:
    from checkout_desk.reading.addressparts import Taker

_RIVER = re.compile(r" \([^\W\d][\w .-]{1,20}\)")
"""what tells two German towns of one name apart: Winsen (Aller), Halle (Saale)"""
_TOWN_FIRST = frozenset("GB US CA AU BR IE NZ IN".split())
"""countries that write the town before its postcode"""


def take(taker: Taker) -> None:
    """Move town and region of `taker.rest` into its block; what stands between street and town is a part of the address."""
    block, street = taker.block, taker.block.fields.get("line1")
    postcode = block.fields.get("postcode")
    home = taker.code or block.country or taker.book.home
    regions = countries.region_names(home)
    after = _candidates(taker, street, postcode)
    _take_region(taker, after, regions)
    if not after:
        return
    before_code = [p for p in after if postcode and p.end <= postcode[0]]
    behind_code = [p for p in after if postcode and p.start >= postcode[1]]
    town_first = (taker.code or taker.book.home) in _TOWN_FIRST
    if street and postcode and taker.code == "BR" and behind_code:
        town_first = False  # Consolação, 01304-001 São Paulo: the quarter stands before the postcode
    if postcode and before_code and taker.book.canon.low[postcode[0] - 1 : postcode[0]] == "(":
        town_first = True  # à Colmar (68000)
    city = (
        (before_code[-1] if town_first and before_code else None)
        or (behind_code[0] if behind_code else None)
        or (before_code or after)[-1]
    )
    taker.rest.remove(city)
    _set_city(taker, city, regions)
    between = [p for p in after if p is not city and p in taker.rest] if street else []
    taker.more += [(p.start, p.end) for p in between]
    taker.rest = [p for p in taker.rest if p not in between]


def _candidates(taker: Taker, street: Span | None, postcode: Span | None) -> list[Piece]:
    """What stands behind the street; without a street the last piece, unless it can only be the name."""
    after = [p for p in taker.rest if not street or p.start > street[0]]
    if after or street or not postcode:
        return after
    named = len(taker.rest) > 1 or (taker.rest and taker.rest[0].start > postcode[0])
    return taker.rest[-1:] if named else []


def _take_region(taker: Taker, after: list[Piece], regions: dict[str, str]) -> None:
    """A state, a province or a county that has a piece of its own."""
    for piece in reversed(after):
        if piece.low.strip("() ") in regions and len(after) > 1:
            _set_region(taker, piece)
            after.remove(piece)
            taker.rest.remove(piece)
            break
    if len(after) > 1 and (taker.code or taker.book.home) in ("GB", "IE"):
        county = next((p for p in reversed(after) if countries.is_county(p.low)), None)
        if county is not None and any(p.start < county.start for p in after):
            _set_region(taker, county)
            after.remove(county)
            taker.rest.remove(county)


def _set_city(taker: Taker, piece: Piece, regions: dict[str, str]) -> None:
    canon, fields = taker.book.canon, taker.block.fields
    who, inside, where = piece.low.rpartition(" in ")
    if inside and places.is_name(who) and "line1" not in fields:  # ship to Hank Miller in Tulsa
        fields["name"] = (piece.start, piece.start + len(who))
        piece = Piece(piece.end - len(where), piece.end, where, piece.line)
    end = piece.end
    match = re.search(r"[\s(,/-]+\(?([a-z]{2,3})\)?$", piece.low)
    if match and match[1] in regions:
        fields["region"] = (piece.start + match.start(1), piece.start + match.end(1))
        end = piece.start + match.start()
    elif named := _region_behind(taker.code, piece.low, regions):
        fields["region"] = (piece.end - len(named), piece.end)
        end = piece.end - len(named) - 1
    trimmed = places.trimmed(Piece(piece.start, end, canon.low[piece.start : end], piece.line))
    if trimmed:
        river = _RIVER.match(canon.low, trimmed.end) if taker.code == "DE" else None
        fields["city"] = (trimmed.start, river.end() if river else trimmed.end)


def _region_behind(code: str, low: str, regions: dict[str, str]) -> str | None:
    """The state behind its town in one breath: 'Taos New Mexico'."""
    if code not in countries.REGIONS:
        return None
    longest = sorted(regions, key=len, reverse=True)
    return next((name for name in longest if len(name) > 3 and low.endswith(" " + name)), None)


def _set_region(taker: Taker, piece: Piece) -> None:
    low = taker.book.canon.low
    behind = taker.book.canon.shown(piece.end, min(piece.end + 3, len(low)))
    dotted = behind[:1] == "." and len(piece.low) < 6 and not behind[1:].strip()[:1].isupper()
    taker.block.fields.setdefault("region", (piece.start, piece.end + dotted))
