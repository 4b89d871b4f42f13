"""Pieces of a line that belong together, and those that hold two things: a number behind a comma, a name behind a sentence."""

from __future__ import annotations

import re

from checkout_desk.reading import places
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.places import Piece

_HOUSE = re.compile(
    r"(?:n\.?[º°.]? ?|num\.? ?|nr\.? ?)?\d{1,4}(?: ?(?:bis|ter|[a-h]))?(?:[-/](?:\d{1,4}|[a-h]))?"
)


def settled(canon: Canon, found: list[Piece]) -> list[Piece]:
    """The pieces of a text with house numbers put to their streets and names cut off the words that lead to them."""
    return _named_in_sentence(canon, _numbered(canon, found))


_TO_NAME = re.compile(
    r"(?:^|.* )(?:to|[àa]|al|ad|an|für|para|pour|chez|aan|naar|voor|for|per|presso) (?P<name>[A-ZÀ-Þ][\w'’.-]*(?: (?:[A-ZÀ-Þ][\w'’.-]*|de|la|van|von|der|den|da|do|dos|di|del)){1,4})"
)
_NOT_THERE = re.compile(
    r"\b(?:not|nicht|pas|no|non|nao|niet|factur\w*|fattur\w*|rechnung|invoice|bill\w*|fatura\w*|old|alte|antigua)\b"
)


def _named_in_sentence(canon: Canon, found: list[Piece]) -> list[Piece]:
    """'Merci d'envoyer 2 tasses à Claire Dubois, 8 rue Hugo': the name ends the words in front of a street."""
    parted: list[Piece] = []
    for piece, after in zip(found, [*found[1:], None], strict=False):
        parted.append(piece)
        if (
            after is None
            or after.line != piece.line
            or piece.cue
            or piece.closed
            or places.is_name(piece.low)
        ):
            continue
        if canon.low[piece.end : after.start].strip() != "," or not (
            places.is_street(after.low) or places.is_unit(after.low) or places.NAMED_PLACE.match(after.low)
        ):
            continue
        shown = canon.shown(piece.start, piece.end)
        name = _TO_NAME.fullmatch(shown) if len(shown) < 400 else None
        if name and len(shown) == len(piece.low) and not _NOT_THERE.search(piece.low):
            at = piece.start + name.start("name")
            parted[-1] = Piece(piece.start, at, canon.low[piece.start : at], piece.line, bullet=piece.bullet)
            parted.append(Piece(at, piece.end, canon.low[at : piece.end], piece.line, "ship"))
    return parted


def _numbered(canon: Canon, found: list[Piece]) -> list[Piece]:
    """'12, place du Marché' and 'Via Roma, 15' are one piece each: the comma stands between house number and street."""
    joined: list[Piece] = []
    for piece in found:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.line == piece.line
            and not before.closed
            and canon.low[before.end : piece.start].strip() == ","
            and not any(c.isdigit() for c in (before.low if _HOUSE.fullmatch(piece.low) else piece.low))
            and (
                places.NO_NUMBER.fullmatch(piece.low)
                or (_HOUSE.fullmatch(piece.low) and places.STREET_FIRST.match(before.low))
                or (_HOUSE.fullmatch(before.low) and places.STREET_FIRST.match(piece.low))
            )
        ):
            low = canon.low[before.start : piece.end]
            joined[-1] = Piece(
                before.start, piece.end, low, before.line, before.cue, piece.closed, before.bullet
            )
        else:
            joined.append(piece)
    return joined
