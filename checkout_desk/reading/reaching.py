"""Which amount stands before a product and which behind it, and how far what stands between lets it reach."""

from __future__ import annotations

from collections.abc import Container, Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.tokens import Token

_STEPS = 9
_NEED = frozenset(
    "gleich zwar davon direkt sogar"
    "i we ich wir je need want take brauche brauch nehme nehm doch jetzt reichen reicht genugen mir uns prends veux faut n' ne que quiero necesito basta bastan bastano bastam"
    " diventano diventa become becomes werden wird deviennent devient passent passe passan pasan worden wordt"
    " voglio prendo wil heb hoef er maar nodig i'd please bitte".split()
)


def before_mention(
    tokens: Sequence[Token], found: Sequence[Amount], mention: Mention, floor: int
) -> tuple[Amount | None, int, str]:
    """The amount in front of a product, how many unknown words stand between, and the nearest determiner."""
    at, unknown, determiner = mention.first - 1, 0, ""
    ends = {max(a.last, a.repeated): a for a in found}
    while at > floor and mention.first - at <= _STEPS:
        token = tokens[at]
        if at in ends:
            return (None if ends[at].old else ends[at]), unknown, determiner
        if token.low in "£$€" and at == mention.first - 1:  # "a £25 gift card"
            at -= 1
            continue
        if token.masked and (token.low in _OF_THE_TWO or token.kind == "number"):
            at -= 1
            continue
        dot = token.low == "." and at > 0 and tokens[at - 1].low in _NUMBERING
        numbering = (dot or token.low in _NUMBERING) and mention.first - at <= 2
        if numbering and tokens[mention.first].kind == "number":
            at -= 1  # "2 boxes of the no. 4 filters"
            continue
        if token.kind == "measure" or token.masked:
            if unknown or token.kind != "measure":
                return None, unknown, determiner
            unknown += 1
        elif token.kind == "sign":
            if token.low == "," and not unknown and at - 1 in ends and tokens[at + 1].low in _PARTITIVE:
                ends[at - 1].sure = min(ends[at - 1].sure, 0.78)  # "quattro, di tazze rosse"
            elif token.low not in "-*()x'\"/.":
                return None, unknown, determiner
        elif token.kind == "number":
            if tokens[at + 1].start - token.end != 3:  # "ein 8er Bohrer"
                return None, unknown, determiner
        elif (
            token.low in lexicon.SINGULAR_DETERMINERS
            or token.low in lexicon.PLURAL_DETERMINERS
            or token.low.endswith("'")
        ):
            determiner = determiner or token.low
        elif token.low in lexicon.CONTAINERS or (
            token.key[:2] == "s:" and tokens[at + 1].low in lexicon.UNITS | lexicon.CONTAINERS
        ):
            pass
        elif token.low not in lexicon.UNITS and token.low not in lexicon.LIGHT and token.low not in _FEWER:
            if token.kind == "east" or token.low in _STOPS or unknown >= 2:
                return None, unknown, determiner
            unknown += not (at == mention.first - 1 and tokens[mention.first].kind == "number")  # "factor 50"
        at -= 1
    return None, unknown, determiner


_PARTITIVE = frozenset("of des di van von delle dei degli".split())
_MAKE = frozenset("maken machen faire hacer fazer fare werden".split())
_OF = frozenset("of de d' von di van da".split())
_NUMBERING = frozenset("no nr num number nummer numero n".split())
_FEWER = frozenset("fewer less weniger moins menos meno minder".split())
_THEM = frozenset(
    "them these those each chaque chacun chacune cada ciascuno ciascuna ognuno elk ieder ellos ellas eles elas loro".split()
)
_OF_THE_TWO = frozenset(
    "of the two three four five six seven eight nine ten dozen der den beiden zwei drei des deux trois de las los dos tres dei due delle van twee".split()
)
_STOPS = frozenset(
    "and und et y e plus sowie as well but or oder ou for fur pour par para per voor to zu an need want take is are was have send order nehme"
    " brauche bestelle mochte prends voudrais quiero necesito vorrei prendo wil bestel と".split()
)


def behind_mention(
    tokens: Sequence[Token], found: Sequence[Amount], mention: Mention, ceiling: int, *, change: bool = False
) -> Amount | None:
    """The amount behind a product: 'x 2', ': 2', '(2)', ', 2 pcs', 'を2個'; not one that begins the next product."""
    starts = {a.first: a for a in found}
    at, steps = mention.last + 1, 0
    while at < ceiling and steps <= _STEPS:
        token = tokens[at]
        if at in starts:
            amount = starts[at]
            if amount.old and change:  # "from 4 to 2"
                at = amount.last + 1
                continue
            if amount.article or amount.old:
                return None
            if (
                not change
                and tokens[at - 1].low in _OF
                and at - 1 > mention.last - 1
                and tokens[at - 1].low != "of"
            ):
                return None  # "una caja de alfileres de 100": of how many, not how many of them
            closes = _closes(tokens, amount, ceiling)
            if not closes and change and amount.last + 1 < ceiling:
                closes = cues.CORRECTION.fullmatch(tokens[amount.last + 1].low) is not None
            closes = closes or (amount.last + 1 < ceiling and tokens[amount.last + 1].low in _MAKE)
            return amount if closes else None
        if token.low == "(" and (behind := _behind_aside(tokens, starts, at, ceiling)):
            at = behind
            continue
        if token.kind == "sign":
            if token.low not in ":,-()[]=|x*/.、•'\"":
                return None
        elif not (
            token.low in LABELS
            or token.low in lexicon.UNITS
            or token.low in lexicon.LIGHT
            or token.low in lexicon.PAIRS
            or token.low in _NEED
            or (
                change
                and token.low
                in ("to", "up", "from", "von", "van", "auf", "naar", "de", "da", "a", "por", "in")
            )
            or (token.kind == "east" and (token.low in "をはがの、もうさらにから"))
        ):
            return None
        at += 1
        steps += 1
    return None


def _behind_aside(tokens: Sequence[Token], starts: Container[int], at: int, ceiling: int) -> int:
    """The token behind words in brackets that count nothing: "CAP-22 (2.20 each, right?) x 30"; 0 for other brackets."""
    for end in range(at + 1, min(at + 12, ceiling)):
        if end in starts:
            return 0
        if tokens[end].low == ")":
            return end + 1 if end > at + 1 else 0
    return 0


def _leads_on(between: Sequence[Token]) -> bool:
    """'A linen towel, two lovely vanilla candles': words that only describe lead from an amount to the next product."""
    return bool(between) and all(t.low in lexicon.LIGHT and t.low not in _ENDS for t in between)


_ENDS = frozenset(
    "of de d' von di van da in im en a au aux with mit avec con com met and/or please bitte svp dann so also auch noch more mehr weitere weiteren weiterer to"
    " the die der das den les los las os as le la el il lo i gli de het".split()
)


def _closes(tokens: Sequence[Token], amount: Amount, ceiling: int) -> bool:
    """Whether nothing that could be counted follows an amount: then it counts what stands before it."""
    at = amount.last + 1
    while at < ceiling and (
        (tokens[at].low in lexicon.UNITS and tokens[at].low not in _OF)
        or tokens[at].low in lexicon.PAIRS
        or tokens[at].low in ").]*"
    ):
        at += 1
    if at >= len(tokens):
        return True
    if tokens[at].low in _THEM:
        return True
    if at + 1 < len(tokens) and tokens[at].low in _OF and tokens[at + 1].low in _THEM:
        return True
    if at > amount.last + 1 and tokens[at].low in _OF and ceiling < len(tokens):
        between = tokens[at + 1 : ceiling]
        if all(t.low in lexicon.LIGHT or t.low in _OF_THE_TWO or t.low.endswith("'") for t in between):
            return False  # "a ladder, 4 rolls of tape", "a hoof pick, three bags of the apple treats"
    if at > amount.last and ceiling < len(tokens) and _leads_on(tokens[amount.last + 1 : ceiling]):
        return False
    if at >= ceiling:  # the next product begins here: the amount is its own, unless a unit stands between
        return False
    after = tokens[at]
    if after.kind == "sign":
        return after.low in ",;.!?|()-+、/:"
    if after.kind == "east":
        return not after.key.startswith("p:") and after.low != "の"
    ends = (
        after.low in lexicon.STOP
        or after.low in _STOPS
        or after.low in lexicon.LIGHT
        or after.masked
        or after.low in ("please", "bitte", "thanks")
    )
    return (ends and after.low not in ("of", "de", "d'", "von", "di", "van")) or (
        at > amount.last + 1 and ends
    )
