"""Addresses in one breath: 'ship to ann lee 31 high st hull HU1 1AA thanks' has no comma to cut it at.

A street is known by its own form: a house number beside a word such as 'street'. What stands before it may be a name, what
stands behind it is a city with its postcode, until the sentence goes on.
"""

from __future__ import annotations

import re

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span

_SUFFIX = (
    "street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|way|square|sq|place|pl|terrace|walk|gardens|grove|crescent|row|mews"
    "|parade|boulevard|blvd|highway|hwy|parkway|pkwy|circle|quay|wharf|trail|broadway|loop|heath|hill|rise|green"
)
_FIRST = (
    "rue|chemin|impasse|allee|quai|cours|route|passage|boulevard|bd|faubourg|place|calle|c/|avenida|avenue|avda|av|plaza|paseo|pza|carrer"
    "|camino|ronda|via|viale|corso|piazza|largo|vicolo|strada|rua|travessa|praca|alameda|estrada|ul"
)
_TAIL = r"(?:strasse|str\.?|weg|platz|allee|gasse|damm|ufer|straat|laan|plein|gracht|kade|singel|gata|gatan|gade|vej)"
_LOCAL = (
    r"(?:am|an der|an den|im|in der|in den|zum|zur|auf der|auf dem|unter den|hinter der|alter|alte|op de)"
)
_NR = r"\d{1,4} ?[a-h]?(?:[/-]\d{1,3}[a-h]?)?(?![\w/])"
_WORD = r"(?!(?:of|with|and|x|pcs?|bis|ter|mit|und|avec|et|con|y|met|en)\b)[^\W\d][\w'.-]*"
_ASIDE = r"(?:,? (?:apt|apartment|unit|suite|ste|flat|\#)\.? ?\#?\w{1,5})?"
_STREETS = (
    re.compile(
        rf"(?<![\w/⁄-])\d{{1,6}}(?:⁄\d)?[a-z]?(?:[-/]\d+)? (?:(?:[nsew]|[ns][ew])\.? )?(?:{_WORD} ){{1,4}}?(?:{_SUFFIX})\b\.?(?: (?:[ns][ew]?|[ew])\b)?{_ASIDE}(?!\w)"
    ),
    re.compile(
        rf"(?<![\w/-])\d{{1,4}}(?: ?(?:bis|ter)\b)?,? (?:{_FIRST})\b\.?(?: {_WORD}){{1,5}}?(?=,? \d{{4,5}}\b|,|$)"
    ),
    re.compile(
        rf"(?<![\w/-])(?:{_FIRST})\.? (?:{_WORD} ){{1,5}}?(?:n[º°.]? ?)?\d{{1,4}}[a-h]?(?:[-/]\d+)?(?![\w/-])"
    ),
    re.compile(
        rf"(?<![\w/-])(?:(?!{_TAIL} )[^\W\d][\w.-]{{2,}}{_TAIL}|(?!{_LOCAL} )[^\W\d][\w'.-]* {_TAIL}|{_LOCAL} (?:[^\W\d][\w'.-]* ){{0,1}}[^\W\d][\w'.-]*) {_NR}"
    ),
)
_POSTCODE = re.compile(
    r"(?<![\w.,/-])(?:[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z][ -]?\d[a-z]\d|[1-9]\d{3} ?[a-z]{2}(?![a-z])|\d{5}-\d{3}|\d{4}-\d{3}|\d{2}-\d{3}"
    r"|\d{5}(?:-\d{4})?|[a-z]{1,2}-\d{4,5}|\d{4})(?![\w/-])"
)
_PARTICLE = frozenset(
    "de da do das dos di del della la le les los las el am an der den sur en of the upon st san santa saint bad new".split()
)
_OLD_AND_NEW = frozenset(
    "lange korte oude nieuwe grote kleine hoge lage grosse obere untere alte neue innere aussere hintere vordere van von den der sint sankt san santa santo".split()
)
"""words in front that belong to the name of a street"""
_BEFORE_NAME = re.compile(
    r"(?:^|\s)(?:to|2|for|an|a|fur|para|pour|chez|aan|voor|per|al|name(?:'?s| is)?)\s+$"
)
_LEADS = re.compile(r"(?::|\b(?:at|to|au|chez|address is|adresse ist|adresse est|direccion es|an|naar))\s+$")
_LIVES = re.compile(r"\b(?:at|in der|au|in|op|wohnt in der|vive en|habite au)$")
_IS = re.compile(r"(?:He|She|It|This|That|I)['’](?:s|m) ")
_CAPITALS = re.compile(r"(?:[A-ZÀ-Þ][\w'’.-]+ ){1,3}[A-ZÀ-Þ][\w'’-]+")


def cut(canon: Canon, start: int, end: int, *, street_already: bool = False) -> list[Span]:
    """The parts of one piece `low[start:end]` that hold a street in running words; [] when there is nothing to cut.

    A piece that could be a street as a whole (`street_already`) loses only a name in front.
    """
    low = canon.low[start:end]
    if not 12 <= len(low) <= 600 or not any(map(str.isdigit, low)):
        return []
    street = next((m for pattern in _STREETS if (m := pattern.search(low))), None)
    if street is None or (street.start() == 0 and street.end() == len(low)):
        return []
    if street_already and (street.start() == 0 or street.end() < len(low)):
        return []
    leads = _LEADS.search(low[: street.start()]) is not None
    line = canon.low[start + street.end() : end + 80].partition("\n")[0]
    if not leads and not _code_near(line):
        return []  # '2 white place mats' are no street
    found: list[Span] = []
    head = low[: street.start()].rstrip(" ,:")
    if head in ("unit", "flat", "plot", "shop", "rmb", "rsd", "lot") or head in _OLD_AND_NEW:
        return []  # Unit 4 Mill Lane; Lange Nieuwstraat 5a
    if head:
        found += _head(canon, start, head)
    found.append((start + street.start(), start + street.end()))
    tail_at = street.end() + len(low[street.end() :]) - len(low[street.end() :].lstrip(" ,"))
    if tail_at < len(low):
        found += _tail(canon, start + tail_at, end)
    return found


def _code_near(tail: str) -> bool:
    """Whether a postcode stands within the words that a city may have."""
    code = _POSTCODE.search(tail[:80])
    return code is not None and len(tail[: code.start()].replace(",", " ").split()) <= 6


def _head(canon: Canon, start: int, head: str) -> list[Span]:
    """What stands before a street: a name is cut off from the words that lead to it."""
    words = head.split()
    if (lives := _LIVES.search(head)) and 2 <= len(head[: lives.start()].split()) <= 3:
        return _head(canon, start, head[: lives.start()].rstrip())  # 'Ada King at'
    if 2 <= len(words) <= 3 and all(re.fullmatch(_WORD, word) for word in words):
        return [(start, start + len(head))]
    for count in (3, 2):
        if len(words) > count:
            at = len(head) - len(" ".join(words[-count:]))
            if head[at:] == " ".join(words[-count:]) and _BEFORE_NAME.search(head[:at]):
                return [(start, start + at), (start + at, start + len(head))]
    if _LIVES.search(head):
        names = list(_CAPITALS.finditer(canon.shown(start, start + len(head))))
        if names and canon.in_place:
            a, b = names[-1].span()
            a += len(found[0]) if (found := _IS.match(names[-1][0])) else 0
            return [(start + a, start + b)]
    return [(start, start + len(head))]


def _tail(canon: Canon, start: int, end: int) -> list[Span]:
    """What stands behind a street: city and postcode in either order, then the rest of the sentence."""
    low = canon.low[start:end]
    code = _POSTCODE.search(low)
    if code is None or len(low[: code.start()].split()) > 5:
        return [(start, end)]
    stop = code.end()
    if not low[: code.start()].strip():
        stop = _city_end(canon, start, stop, low)
    rest = low[stop:].lstrip(" ,")
    found = [(start, start + stop)]
    if rest:
        found.append((start + len(low) - len(rest), end))
    return found


def _city_end(canon: Canon, start: int, at: int, low: str) -> int:
    """Where the city ends that follows a postcode: with its capitals, or after one word where nobody writes capitals."""
    stop, taken = at, 0
    for match in re.finditer(r"\s*,?\s*([^\W\d][\w'.-]*)", low[at:]):
        if match.start() + at != stop or taken > 3:
            break
        word = match[1]
        a = start + at + match.start(1)
        capital = canon.shown(a, a + 1).isupper()
        if taken and not capital and word not in _PARTICLE:
            break
        if taken and not canon.shown(start + at, start + at + len(low[at:])).strip(" ,")[:1].isupper():
            break
        stop = at + match.end()
        taken += word not in _PARTICLE
    return stop
