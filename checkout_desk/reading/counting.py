"""Which amount belongs to which product of a sentence, and what it counts: pieces, pairs, packs or nobody knows what."""

from __future__ import annotations

import re
from dataclasses import replace

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.pairs import sold_in_pairs
from checkout_desk.reading.quantities import LABELS, Amount
from checkout_desk.reading.reaching import before_mention, behind_mention
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence

_OF_SEVERAL = re.compile(
    r"\bof the (?:two|three|four)\b|\bder (?:beiden|zwei|drei)\b|\bdes (?:deux|trois)\b|\bde (?:las|los) (?:dos|tres)\b"
)
_OF = frozenset("of de d' di von van do da".split())
_ANOTHER = frozenset("otra otro outra outro altra altro autre".split())
_EACH = frozenset(
    "each je jeweils chacun chacune chaque cada ciascuno ciascuna ognuno ieder elk ずつ".split()
)


def each_amount(here: Sentence) -> Amount | None:
    """The amount that every product of the sentence gets: "two of each", "je 3"."""
    places = [
        i
        for i, t in enumerate(here.tokens)
        if t.low in _EACH and not t.masked and (t.low != "je" or here.scene.language == "de")
    ]
    plain = [a for a in here.amounts if not a.article and a.count]
    ones = [a for a in here.amounts if a.article and any(0 < p - a.last <= 3 for p in places)]
    if here.scene.language == "de":  # "je eine kleine Tasse in Weiß, Blau und Grün"
        ones += [a for a in here.amounts if a.article and a.first - 1 in places]
    if len(ones) == 1 and not any(a.count for a in plain) and len(here.mentions) > 1:
        return ones[0]
    ahead = [
        a
        for a in plain
        if any(0 < a.first - p <= 2 and here.tokens[p].low in ("je", "jeweils") for p in places)
    ]
    if len(ahead) == 1 and len(here.mentions) > 1:
        return ahead[0]
    east = [
        a for a in plain if here.low.find("ずつ", here.tokens[a.last].end, here.tokens[a.last].end + 4) >= 0
    ]
    if len(east) == 1 and len(here.mentions) > 1:
        return east[0]
    near = [a for a in plain if any(0 < p - a.last <= 3 or 0 < a.first - p <= 2 for p in places)]
    return near[0] if len(near) == 1 and len(here.mentions) > 1 else None


_OF_EACH = re.compile(
    r"\b(?:of each|each of them|of both|von jede[mnr]|je(?:weils)? (?=ein|zwei|drei|vier|\d)|de chaque|de chacune?|de cada(?: un[oa])?|di ciascun[oa]|di ognuno|van elk|van ieder|van beide)\b|ずつ"
)


def each_of_all(here: Sentence) -> None:
    """'The black ones and the white ones, please. One of each.': a sentence of its own that counts what was named before."""
    amount = here.amounts[0] if len(here.amounts) == 1 else None
    if (
        here.mentions
        or amount is None
        or not amount.count
        or not _OF_EACH.search(here.text)
        or len(here.tokens) > 8
    ):
        return
    recent = here.scene.statements[-40:]
    last = max((s.sentence for s in recent if s.skus), default=-1)
    counted = [s for s in recent if s.sentence == last and s.mood == "order" and s.skus]
    for statement in counted:
        if not statement.said and not statement.removes:
            statement.quantity, statement.said, statement.seen = amount.count, True, False
            statement.confidence = min(statement.confidence, 0.85)
    amount.used = True


def each_kind(here: Sentence, new: list[Statement]) -> None:
    """'Six candles of each', 'one of each candle': as many of every product that the words fit."""
    for statement in list(new):
        if not 1 < len(statement.skus) <= 4 or not statement.quantity or statement.removes or statement.seen:
            continue
        each = _OF_EACH.search(here.low, max(0, statement.start - 14), statement.end + 14)
        if each is None or here.low[statement.end : each.start()].strip(" ()"):
            continue
        if here.low[each.end() : statement.start].strip():
            continue
        statement.seen = True
        for sku in statement.skus:
            one = replace(statement, skus=(sku,), seen=False, confidence=min(statement.confidence, 0.75))
            new.append(one)


def whole_of_each(here: Sentence, number: int, amount: Amount | None, each: Amount) -> bool:
    """'3 T-shirts, S, M and L, one of each': the number in front is how many there are in all."""
    variants = 1
    for mention in here.mentions[number + 1 :]:
        if mention.rule != "noun-from-neighbour":
            break
        variants += 1
    counted = amount is not None and amount is not each and not amount.article
    return counted and amount is not None and variants > 1 and amount.count == (each.count or 0) * variants


def shares(here: Sentence, each: Amount, mention: Mention) -> bool:
    """Whether no other amount stands between 'two of each' and a product, not even 'a zip' with an article of its own."""
    first, last = sorted((each.first, mention.first))
    return not any(
        first < a.first < last for a in here.amounts if a is not each and (a.used or not a.article)
    )


def amount_before(here: Sentence, number: int, mention: Mention) -> tuple[Amount | None, int, str]:
    """The amount in front of a product, how many unknown words stand between, and the determiner."""
    while number and here.mentions[number - 1].rule == "attribute" and not here.mentions[number - 1].skus:
        number -= 1  # "the large bag of sencha"
    floor = here.mentions[number - 1].last if number else -1
    amount, unknown, determiner = before_mention(here.tokens, here.amounts, mention, floor)
    if determiner == "de" and here.scene.language != "nl":  # French "rouleaux de ruban" points at nothing
        another = any(t.low in _ANOTHER for t in here.tokens[max(0, mention.first - 2) : mention.first])
        determiner = determiner if another else ""
    return amount, unknown, determiner


def amount_for(here: Sentence, number: int, mention: Mention) -> tuple[Amount | None, int, str]:
    """The amount of a mention, before it or behind it; two that disagree are none."""
    if mention.given:
        return Amount(mention.first, mention.first, mention.given[0], used=True), 0, ""
    ceiling = here.mentions[number + 1].first if number + 1 < len(here.mentions) else len(here.tokens)
    before, unknown, determiner = amount_before(here, number, mention)
    free = [a for a in here.amounts if not a.used]
    behind = behind_mention(here.tokens, free, mention, ceiling, change=here.corrects)
    if before and before.used:
        before = None
    if behind and (_tells_which(here, mention, behind) or _own_measure(here, mention, behind)):
        behind.used, behind = True, None
    if behind and here.tokens[behind.first].low in lexicon.TIMES and mention.rule.startswith("part"):
        behind = None
    if before and not (before.article and behind):
        before.used = True
        return before, unknown, determiner
    if behind:
        behind.used = True
        return behind, 0, determiner
    alone = only_amount(here, mention)
    if alone:
        alone.used = True
        return alone, 0, determiner
    return None, unknown, determiner


_POINTS = frozenset(
    "quelle quelli quella quello celles ceux celle celui los las el la those the die der das den de het il i le gli o a os as".split()
)
_WITH = frozenset("da de di mit von with of zu in a con com avec van met".split())


def _tells_which(here: Sentence, mention: Mention, amount: Amount) -> bool:
    """'Forbici da sarta (quelle da 21)': a number of the name itself, said behind a word that points."""
    before = [t.low for t in here.tokens[max(0, amount.first - 2) : amount.first]]
    if (
        len(before) < 2
        or before[0] not in _POINTS
        or before[1] not in _WITH
        or amount.first - 2 <= mention.last
    ):
        return False
    digits = here.tokens[amount.first].low
    names = [here.scene.catalogue.entries[sku].name for sku in mention.skus]
    return bool(names) and all(
        re.search(rf"(?<![\d.,]){re.escape(digits)}(?![\d.,]*\d)", name) for name in names
    )


def _own_measure(here: Sentence, mention: Mention, amount: Amount) -> bool:
    """'A water bottle 750': right behind a name it is the bottle's size, where that is called so."""
    token = here.tokens[amount.first]
    if amount.first != mention.last + 1 or amount.last != amount.first or len(token.low) < 2:
        return False
    has = here.scene.catalogue.attributes
    keys = [{key for key in has[sku] if re.match(rf"m:{token.low}\D", key)} for sku in mention.skus]
    return bool(keys) and all(keys)


def only_amount(here: Sentence, mention: Mention) -> Amount | None:
    """The one amount of a line that holds one product and nothing else: 'Tea strainer ..... 2', '[2] Tea strainer'."""
    if any(m.skus != mention.skus for m in here.mentions) or len(here.tokens) > 30:
        return None
    numbers = [a for a in here.amounts if not a.article]
    if len(numbers) != 1 or numbers[0].used or numbers[0].old or not numbers[0].count:
        return None
    inside = set(range(numbers[0].first, numbers[0].last + 1))
    inside |= {i for m in here.mentions for i in range(m.first, m.last + 1)}
    rest = (t for i, t in enumerate(here.tokens) if i not in inside and not t.masked)
    light = lexicon.UNITS | lexicon.LIGHT | LABELS
    others = [t for t in rest if t.kind != "sign" and t.low not in light]
    behind = here.tokens[numbers[0].last + 1] if numbers[0].last + 1 < len(here.tokens) else None
    if len(others) == 1 and others[0] is behind:  # "copy paper 12 reams": a unit that nobody told us
        numbers[0].sure = min(numbers[0].sure, 0.75)
        others = []
    return None if others else numbers[0]


def count(
    here: Sentence, statement: Statement, mention: Mention, amount: Amount | None, determiner: str
) -> None:
    """Fill in the quantity: what was said, or one for 'the teapot' in the catalogue's own form."""
    if amount is not None:
        statement.said = not amount.article
        statement.implied = amount.article
        statement.quantity = amount.count if amount.count and amount.count > 0 else None
        _one_pair(here, statement, mention, amount)
        if amount.count == 0:
            statement.seen = True
        statement.confidence = min(statement.confidence, amount.sure)
        if amount.pair and statement.quantity and not sold_in_pairs(here, mention):
            statement.quantity *= 2
            statement.confidence = min(statement.confidence, 0.9 if amount.count == 1 else 0.75)
        check_pack(here, statement, mention, amount)
        check_measure(here, statement, mention)
        return
    if here.scene.pending is not None:
        statement.quantity, statement.said, here.scene.pending = here.scene.pending, True, None
        return
    if check_measure(here, statement, mention):
        return
    if _THE_ONE.search(here.low, here.tokens[mention.first].end, here.tokens[mention.last].end + 1):
        statement.quantity, statement.implied = 1, True
        statement.confidence = min(statement.confidence, 0.75)
        return
    if _weighed_out(here, mention):
        statement.quantity, statement.implied = 1, True
        statement.confidence = min(statement.confidence, 0.78)
        return
    if (
        determiner
        and (mention.catalogue_form or _one_of_several(here, mention))
        and not _of_the_name(here, mention, determiner)
        and not any(t.low in lexicon.PACKS for t in here.tokens[max(0, mention.first - 3) : mention.first])
        and determiner not in lexicon.PLURAL_DETERMINERS - lexicon.SINGULAR_DETERMINERS
    ):
        statement.quantity, statement.implied = 1, True
        statement.confidence = min(statement.confidence, 0.9)


def _one_pair(here: Sentence, statement: Statement, mention: Mention, amount: Amount) -> None:
    """'Unas tijeras' are a pair, which the language counts as several; a person says so."""
    if amount.count is None and here.tokens[amount.first].low in _A_PAIR_OF and sold_in_pairs(here, mention):
        statement.quantity, statement.said, statement.implied = 1, False, True
        statement.confidence = min(statement.confidence, 0.7)


_A_PAIR_OF = frozenset("unas unos umas uns some".split())
# "Chain oil, the 250 ml bottle": a word for one that points, amid the name.
_THE_ONE = re.compile(
    r"[,(] ?(?:the|der|die|das|den|la|le|el|il|het) (?:(?:big|small|large|grosse\w?|kleine\w?|grande?|petite?|gros) )?(?=\d|boite|caja|scatola|packung|doos|flasche|bottle)"
)


def _weighed_out(here: Sentence, mention: Mention) -> bool:
    """'250 g of sencha' where one product holds just that: one of it."""
    token, after = here.tokens[mention.first], here.tokens[min(mention.first + 1, mention.last)]
    has = here.scene.catalogue.attributes
    own = token.kind == "measure" and bool(mention.skus) and token.key in mention.keys
    spelt = after.low in _OF or not token.low[:1].isdigit()
    return own and spelt and all(token.key in has[sku] for sku in mention.skus)


def _one_of_several(here: Sentence, mention: Mention) -> bool:
    """Whether one of what stands in the plural is meant: 'the larger of the two teapots'."""
    start = here.tokens[mention.first].start
    return _OF_SEVERAL.search(here.low, max(0, start - 24), start) is not None


def _of_the_name(here: Sentence, mention: Mention, determiner: str) -> bool:
    """Whether a determiner begins the product's own name, as in "The Two Towers", and so says nothing."""
    return any(
        here.scene.catalogue.entries[sku].name.casefold().startswith(f"{determiner} ") for sku in mention.skus
    )


def _same_thing(here: Sentence, statement: Statement, begin: int, end: int) -> None:
    """'A zip 20 cm and the same in 40 cm': as many as before; of several, a person says whether it is the number too."""
    last = here.said[-1] if here.said else here.scene.last
    if last is None or statement.said or not cues.SAME_THING.search(here.low, begin, end):
        return
    statement.quantity, statement.implied, statement.said = last.quantity, False, True
    statement.confidence = min(statement.confidence, 0.85 if last.quantity == 1 else 0.7)


def same_number(here: Sentence, number: int, statement: Statement, mention: Mention) -> None:
    """'4 blue mugs and the same number of red ones': the amount that was said before."""
    begin = here.tokens[here.mentions[number - 1].last].end if number else here.tokens[0].start
    if not cues.SAME_NUMBER.search(here.low[begin : here.tokens[mention.first].start]):
        _same_thing(here, statement, begin, here.tokens[mention.first].start)
        return
    last = here.said[-1] if here.said else here.scene.last
    had = last.quantity if last is not None else None
    factor = cues.PART_OF_NUMBER.search(here.low, begin, here.tokens[mention.first].start)
    if factor and had:
        had = had * 2 if factor["twice"] else had // 2 if had % 2 == 0 else None
    statement.quantity = had
    statement.said, statement.implied = True, False
    statement.confidence = min(statement.confidence, 0.85)


def same_as_before(here: Sentence) -> None:
    """'Same number.' in a sentence of its own, behind 'swap the red pens for blue ones'."""
    last = here.scene.last
    if here.mentions or last is None or last.quantity is not None or not cues.SAME_NUMBER.search(here.text):
        return
    gone = [
        s for s in here.scene.statements if s.removes and s.sentence == last.sentence and len(s.skus) == 1
    ]
    if gone:
        last.quantity, last.said = here.scene.known.get(gone[-1].skus[0]), True
        last.confidence = min(last.confidence, 0.85)


def check_pack(here: Sentence, statement: Statement, mention: Mention, amount: Amount) -> None:
    """'6 tea glasses' of a product that is a set of six: one set or six? Nobody can tell, so nobody guesses."""
    if amount.of_size:
        if mention.pack != amount.of_size:
            statement.confidence = min(statement.confidence, 0.7)
            each = statement.quantity  # "2 cases of 6" of what is sold singly
            names = [here.scene.catalogue.entries[sku].name for sku in mention.skus]
            if mention.pack or not each:
                statement.quantity = None
            elif not any(re.search(rf"(?<!\d){amount.of_size}(?!\d)", name) for name in names):
                statement.quantity = each * amount.of_size
        return
    same = [m for m in here.mentions if m.pack == mention.pack and m is not mention]
    if (
        here.said
        and (here.said[-1].said or here.said[-1].implied)
        and here.said[-1].quantity
        and same
        and mention.rule != "sku"
    ):
        return  # "thirty boxes of the M8 x 40 and five of the M8 x 60"
    if here.tokens[amount.first].low in lexicon.TIMES:
        return  # "three times the tracks (8 pieces)"
    if not mention.pack or mention.pack_said or mention.pack < 2 or statement.rule == "sku":
        return
    beside = [t.low for t in here.tokens[max(0, amount.first - 1) : amount.last + 2]]
    if not {"x", "*", "×"}.isdisjoint(beside):  # "2x AAA batteries (8 pcs)": packs, a person says so
        statement.confidence = min(statement.confidence, 0.7)
        return
    between = {t.low for t in here.tokens[amount.first : mention.last + 1]}
    between |= {t.low for t in here.tokens[mention.last + 1 : max(amount.last, mention.last) + 2]}
    if not between & lexicon.PACK_UNITS and not amount.article:
        statement.quantity = None
        statement.confidence = min(statement.confidence, 0.7)


def _by_the_unit(here: Sentence, mention: Mention, key: str) -> int | None:
    """'3 m of the striped cotton' that is sold by the metre: three of it; None for what is weighed or poured."""
    wanted = re.fullmatch(r"m:([\d.]+)(mm)", key)
    if wanted is None or len(mention.skus) != 1:
        return None
    own = f"m:1000{wanted[2]}"
    times = float(wanted[1]) / 1000
    measures = {one for one in here.scene.catalogue.attributes[mention.skus[0]] if one.startswith("m:")}
    return int(times) if measures == {own} and times > 1 and times.is_integer() else None


def check_measure(here: Sentence, statement: Statement, mention: Mention) -> bool:
    """'500 g Sencha' of a product that weighs 100 g: the amount is a weight, not a number of packs; whether that is so."""
    at = mention.first - 1
    while at >= 0 and mention.first - at <= 3:
        token = here.tokens[at]
        if any(m.first <= at <= m.last for m in here.mentions if m.skus):
            return False
        if token.kind == "measure":
            alone = statement.quantity is None and not statement.said
            statement.quantity = _by_the_unit(here, mention, token.key) if alone else None
            if (
                alone
                and len(mention.skus) == 1
                and token.key in here.scene.catalogue.attributes[mention.skus[0]]
            ):
                statement.quantity = 1  # "250 g of the decaf" that holds just that
            statement.implied = statement.implied or statement.quantity is not None
            statement.confidence = min(statement.confidence, 0.6)
            return True
        if token.kind != "word" or token.low not in lexicon.LIGHT:
            return False
        at -= 1
    return False
