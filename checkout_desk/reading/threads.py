"""What a sentence changes of an order that the thread has, without naming a product in full.

"Could I have green rather than white?" names none at all, "double the mugs" no number, "same as last time" neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import content, is_attribute
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.hits import OF, Hit
from checkout_desk.reading.patterns import quick
from checkout_desk.reading.resolving import attribute_kind, resolve
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common
from checkout_desk.reading.tokens import joined_models, tokenise

_THE = r"(?:the|my|our|those|these|die|den|das|meine|unsere|les|mes|nos|la|le|las|los|mis|el|il|le|i|gli|os|as|de|het|mijn)"
_TIMES = (
    (2, re.compile(rf"\b(?:double|verdoppel\w*|doublez|doubler|doblar|dobl(?:e|en|ad)|duplic\w*|dobr(?:ar|em|e)|raddoppi\w*|verdubbel\w*)\b(?= (?:bitte |sie |ihr |doch )*{_THE}\b)|\btwice as many\b|\bdoppelt so viele?\b|\bdeux fois plus de\b|\bel doble de\b|\bo dobro d|\bil doppio d|\btwee ?keer zo ?veel\b|2倍")),
    (0.5, re.compile(rf"\b(?:only |just |nur )?(?:half (?:of )?{_THE}|halve (?:the|my|our)|(?:die )?halfte (?:der|von|des)|halbier\w* (?:bitte |sie )*{_THE}|la moitie d\w*|la mitad de|(?:a )?metade d\w*|la meta d\w*|de helft van|halveer)\b|半分")),
    (3, re.compile(rf"\b(?:triple|verdreifach\w*|triplez|tripler|triplic\w*|verdrievoudig\w*)\b(?= (?:bitte |sie )*{_THE}\b)|3倍")),
)  # fmt: skip
_TWICE = re.compile(
    r" (?:bitte |please |svp )?(?:verdoppeln|doubled|doubler|verdubbelen|raddoppiare|duplicar|doblar|dobrar)\b"
)
_SAME = quick(
    r"\b(?:the )?same (?:again(?! in\b)|(?:order )?as (?:the )?(?:last (?:time|month|year|order)|before|usual))\b|\b(?:my|our|the) usual(?: order)?\b(?! address)|\b(?:dasselbe|das gleiche|die gleiche bestellung) (?:nochmal|noch einmal|wie (?:immer|letztes mal|beim letzten mal))|\bwie (?:immer|letztes mal)(?=[,.]| (?:aber|nur|bitte))"
    r"|\bla meme (?:chose|commande) que (?:la derniere fois|d'habitude)|\bcomme (?:d'habitude|la derniere fois)(?=[,.]| mais)|\blo (?:mismo que (?:la ultima vez|siempre)|de siempre)\b|\bo (?:mesmo da ultima vez|de sempre|habitual)\b|\blo stesso dell'ultima volta|\bcome (?:al solito|l'ultima volta)(?=[,.]| ma)"
    r"|\bhetzelfde als (?:de )?(?:vorige|vorig|laatste)(?: (?:keer|maal|bestelling))?|\bzoals (?:altijd|gewoonlijk)(?=[,.]| maar)|前回と同じ|いつもの"
)


def multiply(here: Sentence, statement: Statement, mention: Mention) -> None:
    """'Double the mugs': as many again of what the thread has."""
    meant = [sku for sku in mention.skus if sku in here.scene.known]
    if statement.said or len(meant) != 1 or statement.removes:
        return
    before = here.plain[here.parts[0].start : here.tokens[mention.first].start]
    factor = next((factor for factor, pattern in _TIMES if pattern.search(before)), 0)
    if not factor and _TWICE.match(here.low, here.tokens[mention.last].end):
        factor = 2
    had = here.scene.known[meant[0]]
    if factor and had and float(had * factor).is_integer():
        statement.skus, statement.quantity = (meant[0],), int(had * factor)
        statement.said, statement.implied, statement.corrects, statement.seen = True, False, True, False
        statement.weak, statement.confidence = False, 0.82


def swap_in_thread(here: Sentence) -> None:
    """'In green instead, please': a colour or size alone that one product of the thread has in another way."""
    bare = [m for m in here.mentions if m.rule in ("attribute", "other-variant") and not m.skus]
    if not (here.scene.known and bare and here.corrects):
        return
    named = [set(m.skus) & set(here.scene.known) for m in here.mentions if m.skus]
    if any(len(skus) != 1 or skus != named[0] for skus in named):
        return
    if here.parts[0].mood in ("past", "tentative") or any(not a.article and not a.old for a in here.amounts):
        return
    said = [key for m in bare for key in m.keys if is_attribute(key) and key[0] in "csm"]
    found = set()
    for sku in sorted(named[0] if named else here.scene.known):
        own = here.scene.catalogue.attributes.get(sku, set())
        for wish in (key for key in said if key not in own):
            others = [key for key in said if key != wish]
            if others and not set(others) <= own:
                continue
            if target := _sibling(here, sku, own, wish):
                found.add((sku, target))
    if len(found) != 1:
        return
    (old, new), first, last = found.pop(), bare[0], bare[-1]
    for statement in here.said:
        statement.seen = statement.seen or (not statement.skus and statement.rule == "other-variant")
    for sku, removes in ((old, True), (new, False)):
        here.scene.statements.append(
            Statement(
                (sku,), here.scene.known[old], here.tokens[first.first].start, here.tokens[last.last].end,
                0.85 if len(said) > 1 else 0.78, "other-variant-of-the-thread", here.parts[0].sentence,
                removes=removes, said=True, corrects=True, mood="order",
            )
        )  # fmt: skip


def _sibling(here: Sentence, sku: str, own: Collection[str], wish: str) -> str | None:
    """The product that is as `sku` is, but for the attribute `wish`; None where there is not exactly one."""
    catalogue = here.scene.catalogue
    kind = attribute_kind(wish)
    if sku not in catalogue.entries or not any(attribute_kind(key) == kind for key in own):
        return None
    name = content(joined_models(tokenise(Canon(catalogue.entries[sku].name))))
    whole = [
        key for key in (t.key for t in name) if not (is_attribute(key) and attribute_kind(key) == kind)
    ] + [wish]
    skus, _, _, _, _ = resolve(catalogue, [Hit(-1, (key,)) for key in whole])
    return skus[0] if len(skus) == 1 and wish in catalogue.attributes[skus[0]] else None


_FROM = frozenset("from von vom de da do del dal dalla van".split())
_INSTEAD = frozenset("statt anstatt instead lieu lugar vez invece plaats rather posto".split())
_NOT = frozenset("not nicht pas no non nao niet".split())
_POINTS = frozenset("the die der das den dem le la les el los las il lo i gli o a os as de het".split())
_AS_SIZE = frozenset("in en em size grosse taille talla maat taglia tamanho".split())
_INTO = frozenset("to auf zu in a al alla para pelo naar op into for fur pour por voor".split())


def renumbered(here: Sentence, new: Sequence[Statement]) -> None:
    """'From the 12 box to the 24 box', 'size 10 instead of 9', 'the rug in 145': only the number tells which one it is now."""
    had = here.scene.known if here.corrects else {}
    if not here.scene.known and _NOT & {t.low for t in here.tokens}:
        had = _ordered_before(here)  # "PS it's the 145 he needs, not the 135"
    if not had or (here.scene.known and _counted_by_size(here, new)):
        return
    points = [
        i
        for i, t in enumerate(here.tokens)
        if t.kind in ("number", "measure") and not t.article and t.low != "one"
    ]
    for at, place in enumerate(points):
        for old, wish in _old_and_new(here, points, at, place):
            found = {
                (sku, target)
                for sku in had
                if (old or here.scene.known)
                and (target := _renamed(here, sku, old, _number(here, wish), had[sku]))
            }
            if len(found) == 1:
                sku, target = found.pop()
                _put_in_its_place(here, new, (sku, target, had[sku]), place, wish)
                return


def _ordered_before(here: Sentence) -> dict[str, int | None]:
    """What this mail ordered in the sentences before, as if a thread had it."""
    own = here.parts[0].sentence
    before = [s for s in here.scene.statements if s.sentence < own and len(s.skus) == 1 and not s.seen]
    return {s.skus[0]: s.quantity for s in before[-40:] if not s.removes}


def _counted_by_size(here: Sentence, new: Sequence[Statement]) -> bool:
    """'Of size 10 make it 6 pairs instead of 4': of a size that one product of the thread has, how many are wanted now."""
    catalogue = here.scene.catalogue
    for at, token in enumerate(here.tokens[1:], 1):
        label = here.tokens[at - 1]
        if token.kind != "number" or not (label.low in lexicon.SIZE_WORDS or label.low == "size"):
            continue
        names = {sku: catalogue.entries[sku].name for sku in here.scene.known if sku in catalogue.entries}
        having = [
            sku for sku, name in names.items() if re.search(rf"(?<![\d.,]){re.escape(token.low)}$", name)
        ]
        clause = here.clause(token)
        counts = [a for a in here.amounts if clause.start <= here.tokens[a.first].start < clause.end]
        fresh = [a for a in counts if a.first != at and not a.old and not a.article and a.count]
        told = any(s.skus and clause.start <= s.start < clause.end for s in new)
        if len(having) != 1 or len(fresh) != 1 or told or not any(a.old for a in counts):
            continue
        for statement in (*new, *here.scene.statements):
            if clause.start <= statement.start < clause.end and not statement.skus:
                statement.seen = True
        for amount in counts:
            amount.used = True
        first, last = sorted((at, fresh[0].last))
        here.scene.statements.append(
            Statement(
                (having[0],), fresh[0].count, here.tokens[first].start, here.tokens[last].end, 0.78,
                "size-of-the-thread", here.parts[0].sentence, said=True, corrects=True, mood="order",
            )
        )  # fmt: skip
        return True
    return False


def _old_and_new(here: Sentence, points: Sequence[int], at: int, place: int) -> list[tuple[str, int]]:
    """The old number, "" where none is said, and the token of the new one."""
    behind = points[at + 1] if at + 1 < len(points) else -1
    near = 0 < behind - place <= 6
    if near and _led(here, place, _FROM) and _led(here, behind, _INTO):
        return [(_number(here, place), behind)]
    between = {t.low for t in here.tokens[place + 1 : behind]} if near else set()
    if between & _INSTEAD and _closed(here, place):
        return [(_number(here, behind), place)]
    if between & _NOT and here.tokens[behind - 1].low in _POINTS:  # "the 6 step one, not the 4"
        return [(_number(here, behind), place)]
    if (
        near
        and _led_by(here, place, _INSTEAD, 7)
        and _led_by(here, behind, _POINTS, 3)
        and _closed(here, behind)
    ):
        return [(_number(here, place), behind)]  # "statt der Leiter mit 4 Stufen doch die mit 6 Stufen"
    return [("", place)] if _led(here, place, _AS_SIZE) and _closed(here, place) else []


def _closed(here: Sentence, place: int) -> bool:
    """Whether no word that could be counted stands behind a number."""
    after = here.tokens[place + 1 : place + 3]
    if len(after) == 2 and after[0].low in lexicon.UNITS and after[1].low not in OF:
        after = after[1:]  # "I need 7 bags in total"
    behind = after[0] if after else None
    if behind is None or behind.kind in ("sign", "east") or behind.low in _INSTEAD:
        return True
    return behind.kind == "word" and common(behind.low) and behind.low not in lexicon.UNITS


def _number(here: Sentence, place: int) -> str:
    return here.tokens[place].low.replace(",", ".").split()[0].rstrip("abcdefghijklmnopqrstuvwxyz")


def _renamed(here: Sentence, sku: str, old: str, wish: str, had: int | None) -> str | None:
    """The product that is called as `sku` is, but for one number in its name."""
    entries = here.scene.catalogue.entries
    if sku not in entries or (old and str(had) == old):
        return None
    name = entries[sku].name
    numbers = [n for n in re.findall(r"\d+(?:[.,]\d+)?", name) if n.replace(",", ".") == old or not old]
    names = {re.sub(rf"(?<![\d.,]){re.escape(n)}(?!\d)", wish, name, count=1) for n in numbers} - {name}
    found = [other for other, entry in entries.items() if entry.name in names] if names else []
    return found[0] if len(found) == 1 else None


def _put_in_its_place(
    here: Sentence, new: Sequence[Statement], change: tuple[str, str, int | None], left: int, right: int
) -> None:
    """The product that was wanted goes, the other one comes, as many as there were: `change` names the three."""
    sku, target, had = change
    first, last = sorted((left, right))
    sentence = here.parts[0].sentence
    for statement in (*new, *here.scene.statements):
        if statement.sentence == sentence and {sku, target} & set(statement.skus):
            statement.seen = True
    for one, removes in ((sku, True), (target, False)):
        here.scene.statements.append(
            Statement(
                (one,), had, here.tokens[first].start, here.tokens[last].end, 0.78,
                "other-variant-of-the-thread", sentence, removes=removes, said=True, corrects=True, mood="order",
            )
        )  # fmt: skip
    for amount in here.amounts:
        amount.used = amount.used or amount.first in (left, right)


def as_it_was(here: Sentence, new: Sequence[Statement]) -> None:
    """'I said 3 bags but I need 7': what only repeats the thread's number gives way to the other number of the sentence."""
    for statement in new:
        had = here.scene.known.get(statement.skus[0]) if len(statement.skus) == 1 else None
        if not had or statement.quantity != had or statement.removes or statement.relative:
            continue
        free = [a for a in here.amounts if not (a.used or a.article or a.old) and a.count]
        if len(free) != 1 or free[0].count == had or not _closed(here, free[0].last):
            continue
        statement.quantity, statement.said, statement.corrects = free[0].count, True, True
        statement.seen, statement.weak, free[0].used = False, False, True
        statement.confidence = min(statement.confidence, 0.78)


def _led(here: Sentence, at: int, words: Collection[str]) -> bool:
    """Whether one of `words` stands before token `at`, with an article between them at most."""
    before = [t.low for t in here.tokens[max(0, at - 2) : at]]
    return any(word in words for word in before)


def _led_by(here: Sentence, at: int, words: Collection[str], reach: int) -> bool:
    """Whether one of `words` stands among the few tokens before `at`, in the same stretch between commas."""
    before: list[str] = []
    for token in reversed(here.tokens[max(0, at - reach) : at]):
        if token.kind == "sign":
            break
        before.append(token.low)
    return any(word in words for word in before)


def same_as_last_time(here: Sentence, new: Sequence[Statement]) -> None:
    """'Same as last time but with two decaf': what was it? Nobody here knows, so the order is not complete."""
    match = _SAME.search(here.text)
    if match is None or here.scene.known or not any(not s.seen for s in new):
        return
    start = here.parts[0].start + match.start()
    if ":" in here.low[start : here.parts[-1].end] or cues.ASK.search(here.text) or "@" in here.text:
        return
    here.scene.statements.append(
        Statement(
            (), None, start, start + len(match[0]), 0.5, "as-last-time", here.parts[0].sentence, mood="order"
        )
    )
