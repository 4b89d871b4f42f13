"""Which part of a mail's text is new: own words, quoted mail, forwarded mail, signature.

Nothing is ever deleted: the zones cover the whole text, the screen folds what is not own, and a text without own
words counts as own as a whole. Line by line with a bounded look around, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from checkout_desk.mail import quotewords as words

Kind = Literal["own", "quoted", "forwarded", "signature"]

_LINE_CAP = 400
_HEADER_LINES = 8
_SIGNATURE_LINES = 14
_TRIM = " \t\r\n*_\xa0\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# If none of this occurs, the whole text is own words (mobile signatures are looked for on the last lines).
_ANY_SIGN = re.compile(
    r"^[ \t\u200b]{0,3}[>\-_=]|[:：][*_ \t\xa0\u200e\u200f\u202a-\u202e\u2066-\u2069\r]*$"
    rf"|^[*_ \t|]{{0,4}}(?:{words.FROM})[*_ \xa0]{{0,3}}[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_TAIL_LINES = 4
_LONGEST_TAIL = 320
_COLON = re.compile("[:：]")
_QUOTE_MARK = re.compile(r"^(?:[ \t]?[>][ \t]?)+", re.MULTILINE)
_MEASURE = re.compile(r"[ \t]*>\s?=?\s?\d")


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch `text[start:end]` of one kind: 'own', 'quoted', 'forwarded' or 'signature'."""

    kind: Kind
    start: int
    end: int


class _Lines:
    """The lines of a text, with the zone of each as it becomes known."""

    def __init__(self, text: str) -> None:
        self.raw = text.split("\n")
        self.bare = [line[:_LINE_CAP].strip(_TRIM) for line in self.raw]
        self.kinds: list[Kind] = ["own"] * len(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def is_quote(self, i: int) -> bool:
        return self.raw[i][:4].lstrip(" \t\u200b").startswith(">")

    def next_filled(self, i: int) -> int:
        while i < len(self.raw) and not self.bare[i]:
            i += 1
        return i

    def mark(self, start: int, end: int, kind: Kind) -> None:
        self.kinds[start:end] = [kind] * (end - start)


def _is_attribution(joined: str, *, before_quote: bool) -> bool:
    """Whether this is the sentence by which a mail program introduces a quote: "On …, … wrote:"."""
    if joined[-1] not in ":：" and not before_quote:
        return False
    sentence = joined.rstrip(":： \xa0\u200e\u200f\u202c\u2069")
    when = words.WHEN.search(sentence) is not None
    address = "@" in sentence and words.ADDRESS.search(sentence) is not None
    if not (when or address or before_quote) or words.FIRST_PERSON.search(sentence):
        return False
    if (
        words.END_VERB.search(sentence)
        or words.MID_VERB.search(sentence)
        or (sentence.endswith(")") and "írta" in sentence)
    ):
        return when or address or before_quote
    if when and address:
        return before_quote or words.BARE.search(sentence) is not None
    return False


def _attribution(lines: _Lines, i: int, floor: int) -> int:
    """The first line of the attribution that ends on line `i`, or -1. It may be wrapped over up to four lines."""
    lines.bare[i]
    after = lines.next_filled(i + 1) if i + 1 < len(lines) else len(lines)
    before_quote = after < len(lines) and lines.is_quote(after)
    joined, fallback = "", -1
    for first in range(i, max(floor, i - 4), -1):
        line = lines.bare[first]
        if not line or lines.is_quote(first):
            break
        joined = f"{line} {joined}".strip()
        if len(joined) > _LINE_CAP:
            break
        if not _is_attribution(joined, before_quote=before_quote):
            continue
        if words.START.match(line):
            return first
        if fallback < 0:
            fallback = first
    return fallback


def _header_block(lines: _Lines, i: int) -> bool:
    """Whether an Outlook-like header block starts on line `i`: From with Subject and Date or To."""
    seen: set[str] = set()
    sender = ""
    for at in range(i, min(i + _HEADER_LINES, len(lines))):
        found = words.LABEL.match(lines.bare[at])
        if not found:
            if at == i or (not lines.bare[at] and len(seen) > 1):
                break
            continue
        label = found.lastgroup or ""
        seen.add(label)
        if label == "from":
            sender = lines.bare[at]
    if "from" not in seen:
        return False
    if "subject" in seen:
        return "date" in seen or "to" in seen
    return "date" in seen and "@" in sender and "to" in seen


def _rule_end(lines: _Lines, start: int, kind: Kind) -> int:
    """Mark what an announcement on the lines before `start` covers and return the line behind it.

    If '>' lines follow, only they are covered: answers below or between them stay own. Else all the rest is.
    """
    at = lines.next_filled(start)
    if at < len(lines) and lines.is_quote(at):
        end = at
        while end < len(lines) and (lines.is_quote(end) or not lines.bare[end]):
            end += 1
        while not lines.bare[end - 1]:
            end -= 1
        lines.mark(start, end, kind)
        return end
    lines.mark(start, len(lines), kind)
    return len(lines)


def _quote_run(lines: _Lines, i: int) -> int:
    end = i
    while end < len(lines) and lines.is_quote(end):
        end += 1
    head = "\n".join(line[:_LINE_CAP] for line in lines.raw[i : min(end, i + 3)])
    lines.mark(i, end, "forwarded" if words.FORWARD.search(head) else "quoted")
    return end


def _announces_forward(bare: str) -> bool:
    if len(bare) > 120 or not words.FORWARD.search(bare):
        return False
    return bare[0] in "-=" or (bare[-1] in ":：" and len(bare) < 70)


def _announces_original(bare: str) -> bool:
    return (
        len(bare) <= 120 and bare[0] in "-=" and bare[-1] in "-=:" and words.ORIGINAL.search(bare) is not None
    )


def _is_mobile_signature(lines: _Lines, i: int) -> bool:
    # The last words before the end, a blank line or a quote: a sentence in a running text goes on.
    if (
        i + 1 < len(lines)
        and lines.bare[i + 1]
        and not lines.is_quote(i + 1)
        and lines.bare[i + 1][0] not in "-_<"
    ):
        return False
    bare = words.LINK.sub("", lines.bare[i]).strip()
    return 8 <= len(bare) <= 80 and _names_device(bare) and words.MOBILE.match(bare) is not None


def _names_device(line: str) -> bool:
    small = line.lower()
    return any(word in small for word in words.DEVICES)


def _has_mobile_signature(text: str) -> bool:
    return any(
        8 <= len(line) <= _LONGEST_TAIL and _names_device(line) and words.MOBILE.match(line)
        for line in text.rstrip()[-1000:].split("\n")[-_TAIL_LINES:]
    )


def _is_rule(raw: str) -> bool:
    """A line of underscores or dashes that mail programs draw above a quote."""
    line = raw.strip()
    return len(line) >= 5 and not line.strip("_-")


def _announcement(lines: _Lines, i: int, floor: int) -> tuple[int, Kind] | None:
    """The first line and the kind of what an announcement that ends on line `i` introduces."""
    bare = lines.bare[i]
    if bare[0] in "-=" or bare[-1] in ":：":
        if _announces_forward(bare):
            return i, "forwarded"
        if _announces_original(bare):
            return i, "quoted"
    if bare[-1] in ":：":
        first = _attribution(lines, i, floor)
        if first >= 0:
            return first, "quoted"
    if _COLON.search(bare, 0, 24) and words.LABEL.match(bare) and _header_block(lines, i):
        above = i - 1
        while above > floor and not lines.bare[above] and not _is_rule(lines.raw[above]):
            above -= 1
            if i - above > 3:
                break
        if above > floor and (
            _is_rule(lines.raw[above]) or words.ORIGINAL.fullmatch(lines.bare[above].strip("- "))
        ):
            return above, "quoted"
        return i, "quoted"
    return None


def _signature_end(lines: _Lines, i: int) -> int:
    """The line behind a signature that starts with the separator on line `i`, or `i` if that is none."""
    exact = lines.raw[i].rstrip("\r") == "-- "
    last = len(lines) if exact else min(len(lines), i + _SIGNATURE_LINES + 1)
    end = i + 1
    while end < last and not lines.is_quote(end):
        end += 1
    if not exact and end - i > _SIGNATURE_LINES:
        return i
    return end if any(lines.bare[i + 1 : end]) else i


def _mark(lines: _Lines) -> None:
    floor, i = -1, 0
    quotes, signed = 0, 0
    while i < len(lines):
        bare = lines.bare[i]
        if not bare:
            i += 1
            continue
        if lines.is_quote(i):
            end = _quote_run(lines, i)
            quotes += end - i
            floor, i = end - 1, end
            continue
        found = _announcement(lines, i, floor)
        if found:
            first, kind = found
            lines.mark(first, i + 1, kind)
            end = _rule_end(lines, i + 1, kind)
            quotes += 2
            floor, i = end - 1, end
            continue
        if bare == "--" and i >= signed:
            # Announcements further down overwrite what belongs to them.
            signed = _signature_end(lines, i)
            lines.mark(i, signed, "signature")
        elif len(bare) <= _LONGEST_TAIL and _is_mobile_signature(lines, i):
            lines.mark(i, i + 1, "signature")
        i += 1
    if quotes == 1:
        _spare_measure(lines)


def _spare_measure(lines: _Lines) -> None:
    """A single line such as "> 5 kg" without any quote around it is the customer's own."""
    for i, kind in enumerate(lines.kinds):
        if kind == "quoted" and _MEASURE.match(lines.raw[i]):
            lines.kinds[i] = "own"


def zones(text: str) -> list[Zone]:
    """The zones of `text`, in order, without gaps: `zones(t)[0].start == 0` and the last ends at `len(t)`.

    Neighbours differ in kind. Blank lines belong to the zone above them. An empty text has no zone.
    """
    if not text:
        return []
    if not _ANY_SIGN.search(text) and not _has_mobile_signature(text):
        return [Zone("own", 0, len(text))]
    lines = _Lines(text)
    _mark(lines)
    found: list[Zone] = []
    start, position, kind = 0, 0, lines.kinds[0]
    for raw, bare, own_kind in zip(lines.raw, lines.bare, lines.kinds, strict=True):
        if own_kind != kind and (bare or _is_rule(raw)):
            found.append(Zone(kind, start, position))
            start, kind = position, own_kind
        position += len(raw) + 1
    found.append(Zone(kind, start, len(text)))
    return [zone for zone in found if zone.end > zone.start]


def fresh(text: str, *, parts: Iterable[Zone] | None = None) -> str:
    """The own words of a mail. If it has none, all of its text without the '>' marks.

    `parts` are the zones of this text when they are known already.
    """
    known = zones(text) if parts is None else parts
    own = "\n".join(
        piece for zone in known if zone.kind == "own" and (piece := text[zone.start : zone.end].strip())
    )
    return own or _QUOTE_MARK.sub("", text).strip()


def preview(text: str, *, length: int = 140, parts: Iterable[Zone] | None = None) -> str:
    """The first fresh words on one line, at most `length` characters, cut between words with an ellipsis."""
    line = " ".join(fresh(text, parts=parts)[: length * 20].split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > length // 2 else cut).rstrip(" ,;:-") + "\N{HORIZONTAL ELLIPSIS}"
