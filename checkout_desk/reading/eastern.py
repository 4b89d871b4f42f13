"""Japanese: names of products, quantities and particles in text that is written without blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading import lexicon
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.tokens import Token, word_key

_RUN_SIGN = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_RUN = re.compile("[\u30a0-\u30ff]{2,}|[\u3400-\u9fff]{2,}")
_UNIT = re.compile(
    "|".join(sorted((u for u in lexicon.UNITS if not u.isascii()), key=len, reverse=True)) + "|ダース|足"
)
# "革ストラップの黒", "赤のマグ": a colour that の ties to a name. Amid other words the sign is part of them.
_COLOUR = re.compile(
    "|".join(
        sorted((c for c in lexicon.COLOURS if not c.isascii() and _RUN_SIGN.match(c)), key=len, reverse=True)
    )
)
_SORT = re.compile(rf"{_COLOUR.pattern}|(?P<number>\d+(?:\.\d+)?) ?(?P<unit>mm|cm|ml|kg|m|g|l)(?![a-z])")
_COUNT = re.compile("|".join(sorted(lexicon.EAST_NUMBERS, key=len, reverse=True)))


def split_east(tokens: list[Token], low: str, catalogue: Catalogue) -> list[Token]:
    """The same tokens with names of products, numbers and counters cut out of runs of Japanese text.

    A name may go over a number that is part of it, such as '煎茶 100g'.
    """
    if not any(t.kind == "east" for t in tokens):
        return tokens
    end = tokens[-1].end
    found: list[Token] = []
    at = tokens[0].start
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.end <= at:
            i += 1
            continue
        if token.kind != "east":
            if (
                token.kind == "word"
                and token.start >= at
                and (named := _named(low, token.start, end, catalogue))
            ):
                found.append(named)
                at = named.end
                i += 1
                continue
            if token.start >= at:
                found.append(token)
                at = token.end
            i += 1
            continue
        start = max(at, token.start)
        at = _cut(low, start, token.end, end, catalogue, found)
        if at >= token.end:
            i += 1
    return found


def _cut(low: str, start: int, stop: int, limit: int, catalogue: Catalogue, found: list[Token]) -> int:
    """Cut one piece off at `start` and return the place behind it."""
    if named := _named(low, start, limit, catalogue):
        found.append(named)
        return named.end
    previous = found[-1] if found else None
    counted = previous is not None and previous.kind == "number" and previous.end == start
    if counted and (unit := _UNIT.match(low, start, stop)):
        found.append(Token("word", start, unit.end(), unit[0], unit[0]))
        return unit.end()
    amid = "\u30a0" <= low[start] <= "\u30ff" and "\u30a0" <= low[start - 1 : start] <= "\u30ff"
    if not amid and (run := _RUN.match(low, start, stop)):  # ナイトライト holds no ライト
        skus_ = catalogue.east_words.get(run[0])
        if skus_:
            found.append(Token("east", start, run.end(), run[0], "p:" + "\x1f".join(sorted(skus_))))
            return run.end()
    if colour := _COLOUR.match(low, start, stop):
        tied = previous is not None and previous.end == start and previous.low == "の"
        listed = (
            previous is not None
            and previous.low in ("と", "、", "や")
            and low[colour.end() : colour.end() + 1] in tuple("をがはも")
        )
        if tied or listed or low[colour.end() : colour.end() + 1] == "の":
            found.append(Token("word", start, colour.end(), colour[0], word_key(colour[0])))
            return colour.end()
    if count := _COUNT.match(low, start, stop):
        behind = _UNIT.match(low, count.end(), stop)
        if len(count[0]) > 1 or behind:
            value = lexicon.EAST_NUMBERS[count[0]]
            found.append(Token("number", start, count.end(), count[0], f"n:{value}", value))
            return count.end()
    found.append(Token("east", start, start + 1, low[start], low[start]))
    return start + 1


def _named(low: str, start: int, limit: int, catalogue: Catalogue) -> Token | None:
    """The product whose whole name begins here, as one token; 'USB充電器' begins with letters."""
    for name, _ in catalogue.east.get(low[start], ()):
        if length := _match(low, start, limit, name):
            skus = dict.fromkeys(sku for other, sku in catalogue.east[low[start]] if other == name)
            stop = start + length
            return Token("east", start, stop, low[start:stop], "p:" + "\x1f".join([*skus, "!"]))
    return None


def _match(low: str, start: int, limit: int, name: str) -> int:
    """How many characters of the text spell `name`, blanks not counted; 0 when it is something else."""
    at = start
    for char in name:
        while at < limit and low[at] == " " and at - start < 60:
            at += 1
        if at >= limit or low[at] != char:
            return 0
        at += 1
    return at - start


def sort_beside(low: str, place: int, *, before: bool) -> str:
    """The key of the colour or size that ends or begins at a place of a text: what '3mではなく1m' sets against each other."""
    near = low[max(0, place - 12) : place] if before else low[place : place + 12]
    found = [m for m in _SORT.finditer(near) if (m.end() == len(near) if before else not m.start())]
    if not found:
        return ""
    number, unit = found[-1]["number"], found[-1]["unit"]
    return lexicon.measure_key(number, unit) if unit else word_key(found[-1][0])


def named_in_east(tokens: Sequence[Token], most: int) -> list[Mention]:
    """Products in text without blanks, which `split_east` has cut out as tokens of their own; none where more than `most` fit."""
    found: list[Mention] = []
    for i, token in enumerate(tokens):
        if token.kind != "east" or not token.key.startswith("p:") or token.masked:
            continue
        skus = tuple(token.key[2:].split("\x1f"))
        whole = token.key.endswith("\x1f!")
        skus = tuple(s for s in skus if s != "!")
        if len(skus) <= most:
            if not whole and found and found[-1].last == i - 1 and set(found[-1].skus) & set(skus):
                before = found[-1]  # two pieces of one name: 木製 and ボタン
                before.skus = tuple(s for s in before.skus if s in skus)
                before.last, before.keys = i, (*before.keys, f"e:{token.low}")
                continue
            found.append(
                Mention(
                    i,
                    i,
                    skus,
                    0.97 if whole else 0.82,
                    "alias" if whole else "part-of-name",
                    (f"e:{token.low}",),
                )
            )
    return found
