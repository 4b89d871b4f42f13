"""Payment card numbers in mail: found by length, issuer prefix and check digit, and masked but for the last four.

People send card numbers with spaces, dashes, no-break spaces, full-width digits or broken over two lines.
Phone numbers, IBANs, article numbers and tracking numbers must survive, so a hit needs all of: the prefix of an
issuer, a length of that issuer, the Luhn digit (ISO/IEC 7812-1) and a grouping in which people write cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from stdnum import ean, iban

MASK = "\N{BULLET}"

_SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_DASHES = "\\-\u2010-\u2015\u2212._"
# Signs that take no room (zero-width, soft hyphen, the second half of a keycap emoji): they never separate groups.
_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufe0f\u20e3\ufeff"
_GAP = rf"[{_SPACES}{_DASHES}{_UNSEEN}\r\n>|]"
_ENTITY = "&(?:nbsp|shy|thinsp|ensp|emsp|#160|#173);"
_RUN = re.compile(rf"(?<!\d)\d(?:{_GAP}{{0,6}}\d){{12,}}")
_MARKUP_RUN = re.compile(rf"(?<!\d)\d(?:(?:{_GAP}|{_ENTITY}|<[^<>\n]{{0,120}}>){{0,6}}\d){{12,}}")
_GROUP = re.compile(rf"\d(?:[{_UNSEEN}]{{0,3}}\d)*")
_UNSEEN_SIGN = re.compile(f"[{_UNSEEN}]")
# A tag, an entity or the like between two digits may itself hold digits ("&#160;", "<b id=1>").
_MARKUP = re.compile(r"&#?\w{1,8};|<[^<>\n]{0,120}>")
_IBAN_HEAD = re.compile(r"[A-Za-z]{2}\d{2}[ \u00a0-]?(?:[A-Za-z0-9]{4}[ \u00a0-]?){0,2}\Z")
_WORD_END = re.compile(r"[^\W\d_]{2}[a-z]\Z")

_PREFIXES = re.compile(
    r"(?P<visa>4)|(?P<mastercard>5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)|(?P<amex>3[47])"
    r"|(?P<discover>6011|64[4-9]|65)|(?P<diners>30[0-5]|3095|36|38|39)|(?P<jcb>35(?:2[89]|[3-8]))"
    r"|(?P<unionpay>62)|(?P<maestro>5018|5020|5038|5893|6304|6759|676[1-3])"
)
_LENGTHS = {
    "visa": (13, 16, 19),
    "mastercard": (16,),
    "amex": (15,),
    "discover": (16, 17, 18, 19),
    "diners": (14, 16, 19),
    "jcb": (16, 17, 18, 19),
    "unionpay": (16, 17, 18, 19),
    # Shorter Maestro numbers look like British article numbers (EAN 501, 502, 503).
    "maestro": (16, 17, 18, 19),
}
_SHAPES = frozenset(
    [(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 3), (4, 4, 4, 2), (4, 3, 3, 3), (4, 5, 6), (4, 4, 4, 1)]
    + [(4, 4, 4, 4, n) for n in (1, 2, 3)]
    + [(8, 8), (4, 12), (12, 4), (6, 10), (10, 6), (8, 4, 4), (4, 4, 8), (4, 8, 4), (6, 13), (4, 11), (4, 10)]
    + [(2,) * n for n in (7, 8)]
    + [(1,) * n for n in range(13, 20)]
)


@dataclass(frozen=True, slots=True)
class Card:
    """A card number in a text: `start` and `end` are its span, `last4` its last digits, `issuer` the scheme."""

    start: int
    end: int
    last4: str
    issuer: str


_DOUBLED = bytes(48 + sum(divmod(2 * (i - 48), 10)) if 48 <= i < 58 else i for i in range(256))


@cache
def _plain_digit(sign: str) -> str:
    return str(int(sign))


def _digits(text: str) -> str:
    text = _UNSEEN_SIGN.sub("", text)
    return text if text.isascii() else "".join(map(_plain_digit, text))


def _checks(number: str) -> bool:
    """The Luhn check. The same as stdnum's, but it is asked for every window of a hostile megabyte of digits."""
    plain = number.encode()
    doubled = plain[-2::-2].translate(_DOUBLED)
    return (sum(plain[::-2]) + sum(doubled) - 48 * len(plain)) % 10 == 0 and len(set(plain)) > 1


def _starts_word(text: str, start: int) -> bool:
    """Whether a number may begin here: not inside an identifier, an international phone number or an IBAN."""
    if start == 0:
        return True
    before = text[start - 1]
    if before == "+" or before.isdigit():
        return False
    if before.isascii() and (before.isalpha() or before == "_"):
        return _WORD_END.search(text, max(0, start - 3), start) is not None
    return True


def _in_iban(text: str, start: int, end: int) -> bool:
    """Whether the run of digits is the numeric part of a valid IBAN, whose letters stand before it."""
    if start >= 2 and text[start - 2 : start].isalpha() and text[start : start + 2].isdigit():
        head = text[start - 2 : start]
    else:
        found = _IBAN_HEAD.search(text[max(0, start - 16) : start])
        if found is None:
            return False
        head = found.group()
    whole = re.sub(r"[\W_]", "", head + text[start:end])
    return any(iban.is_valid(whole[:size]) for size in range(15, min(len(whole), 34) + 1))


def _is_parcel_number(groups: list[tuple[int, int, str]]) -> bool:
    """Whether the whole run is a 22-digit American parcel number, which is written in fours as well."""
    number = "".join(group[2] for group in groups)
    return len(number) == 22 and number[0] == "9" and number[1] in "12345"


def _shape_fits(text: str, groups: list[tuple[int, int, str]]) -> bool:
    sizes = tuple(len(group[2]) for group in groups)
    if len(groups) == 1:
        return True
    breaks = [i for i in range(1, len(groups)) if "\n" in text[groups[i - 1][1] : groups[i][0]]]
    if len(breaks) > 1:
        return False
    if sizes in _SHAPES:
        return True
    if not breaks:
        return False
    at = breaks[0]  # a line that was wrapped inside a group: the halves belong together
    joined = (*sizes[: at - 1], sizes[at - 1] + sizes[at], *sizes[at + 1 :])
    return len(joined) == 1 or joined in _SHAPES


def _groups(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    run = text[start:end]
    if "&" in run or "<" in run:
        run = _MARKUP.sub(lambda found: " " * len(found.group()), run)
    return [
        (start + found.start(), start + found.end(), _digits(found.group())) for found in _GROUP.finditer(run)
    ]


def _cards_of_run(text: str, start: int, end: int) -> Iterator[Card]:
    groups = _groups(text, start, end)
    if _is_parcel_number(groups) or _in_iban(text, start, end):
        return
    first = 0
    while first < len(groups):
        found = _card_from(text, groups, first)
        if found is None:
            first += 1
            continue
        card, used = found
        yield card
        first += used


def _card_from(text: str, groups: list[tuple[int, int, str]], first: int) -> tuple[Card, int] | None:
    """The longest card that starts with this group, and how many groups it takes."""
    prefix = _PREFIXES.match("".join(group[2] for group in groups[first : first + 4]))
    if not prefix or not prefix.lastgroup or not _starts_word(text, groups[first][0]):
        return None
    number = ""
    best: tuple[Card, int] | None = None
    for last in range(first, len(groups)):
        number += groups[last][2]
        if len(number) > 19:
            break
        if len(number) not in _LENGTHS[prefix.lastgroup] or not _checks(number):
            continue
        end = groups[last][1]
        if text[end : end + 1].isascii() and text[end : end + 1].isalpha():
            continue
        if len(number) == 13 and ean.is_valid(number):
            continue  # German and Japanese article numbers start with 4 and have 13 digits as well
        if _shape_fits(text, groups[first : last + 1]):
            best = Card(groups[first][0], end, number[-4:], prefix.lastgroup), last - first + 1
    return best


def _runs(text: str) -> Iterator[re.Match[str]]:
    return (_MARKUP_RUN if "&" in text or "<" in text else _RUN).finditer(text)


def find_cards(text: str) -> list[Card]:
    """All card numbers in `text`, in order and without overlap. Linear in the length of the text."""
    return [card for run in _runs(text) for card in _cards_of_run(text, run.start(), run.end())]


def has_card(text: str) -> bool:
    """Whether `text` holds at least one card number."""
    return any(True for run in _runs(text) for _ in _cards_of_run(text, run.start(), run.end()))


def mask_cards(text: str) -> str:
    """`text` with all digits of card numbers but the last four as bullets.

    Separators stay and the length does not change, so spans found in the masked text hold for the original.
    Text without a card comes back as the same object.
    """
    cards = find_cards(text)
    if not cards:
        return text
    pieces: list[str] = []
    done = 0
    for card in cards:
        pieces.append(text[done : card.start])
        pieces.append(_masked(text[card.start : card.end]))
        done = card.end
    return "".join([*pieces, text[done:]])


def _masked(number: str) -> str:
    clear = 4
    signs = list(number)
    markup = {i for found in _MARKUP.finditer(number) for i in range(*found.span())}
    for i in range(len(signs) - 1, -1, -1):
        if signs[i].isdecimal() and i not in markup:
            if clear:
                clear -= 1
            else:
                signs[i] = MASK
    return "".join(signs)
