"""What one sentence says about products: this many of that, none of that, something unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.changing import (
    definite,
    either_or,
    hand_over,
    old_amount,
    relate,
    removed,
    replace_old,
    swap_middle,
    take_back,
)
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.counting import (
    amount_before,
    amount_for,
    count,
    each_amount,
    same_as_before,
    same_number,
)
from checkout_desk.reading.hits import Hit
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.mentions import find_mentions
from checkout_desk.reading.quantities import LABELS, Amount, amounts
from checkout_desk.reading.resolving import resolve
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.sentence import Sentence
from checkout_desk.reading.unknowns import noun_after, noun_before

_OWN = frozenset(
    "my our mein meine meinen meinem unser unsere unseren mon ma mes notre nos mi mis nuestro nuestra meu minha il_mio mio mia mijn onze".split()
)
_NEAR = 12
_MOODS = (cues.ORDER, cues.PLEASE, cues.ADDITION, cues.CORRECTION, cues.REMOVED_BEHIND, cues.WITHOUT)
_AMONG = frozenset("the these those den die der des les las los dei delle degli de deze dos das".split())
_ONLY_PART = re.compile(r"\b(?:if so|wenn ja|falls ja|si oui|dans ce cas|en ese caso|se sim|se si|zo ja)\b")


_PREPOSITIONS = frozenset("for fur pour para per voor zu from von with mit at bei chez".split())
_PRONOUN = re.compile(
    r"\b(?:them|those|these|it|that|davon|en|ellas|ellos|deles|delas|ne|ervan|daarvan|of each|pieces|stuck|please|bitte)\b"
)


def read_sentence(scene: Scene, parts: Sequence[Clause]) -> None:
    """Add to the scene what the clauses of one sentence say."""
    start, end = parts[0].start, parts[-1].end
    tokens = scene.tokens(start, end)
    if not tokens:
        return
    shown = scene.canon.text if scene.canon.text.isascii() else ""
    start, end = tokens[0].start, tokens[-1].end
    words = shown[start:end] if shown else _same_length(scene.canon, start, end)
    mentions = find_mentions(scene.canon.low, tokens, scene.catalogue, words)
    found = amounts(tokens, mentions, scene.canon.low, words)
    read(Sentence(scene, parts, tokens, mentions, found))


def _same_length(canon: Canon, start: int, end: int) -> str:
    """The original letters of a canonical range, one for each canonical character, to see capitals."""
    return "".join(canon.shown(i, i + 1)[:1] or " " for i in range(start, end))


def _next_line(low: str, end: int, start: int) -> bool:
    """Whether one place stands on the line below another one."""
    return low.count("\n", end, start) == 1 and not low[end:start].strip(" \n.:")


def read(here: Sentence) -> None:
    if cues.GREETING.match(here.text) and len(here.tokens) <= 6 and not here.amounts:
        return
    labelled_amount(here)
    complete_attributes(here)
    each = each_amount(here)
    new = here.said
    for number, mention in enumerate(here.mentions):
        if mention.rule in ("attribute", "split"):
            continue
        statement = state(here, number, mention, each)
        if statement:
            new.append(statement)
    replaced = [s for s in new if s.rule == "replaced"]
    if replaced:
        replace_old(here, new, replaced)
    take_back(here)
    hand_over(here, new)
    either_or(here, new)
    here.scene.statements += new
    if not new:
        same_as_before(here)
    if new:
        here.scene.last = new[-1]
    unknown_products(here, beside=any(s.said and not s.seen for s in new))
    loose_amounts(here, any(not s.seen for s in new))
    doubt(here, new)


def doubt(here: Sentence, new: Sequence[Statement]) -> None:
    """A number beside a product that nothing explains speaks against certainty: the line waits for a person."""
    for amount in here.amounts:
        if amount.used or amount.old or amount.article or amount.count is None:
            continue
        start, end = here.tokens[amount.first].start, here.tokens[amount.last].end
        for statement in new:
            near = min(abs(statement.start - end), abs(start - statement.end)) <= _NEAR
            if near and not statement.seen and statement.rule != "sku":
                statement.confidence = min(statement.confidence, 0.75)


def labelled_amount(here: Sentence) -> None:
    """'Quantity: 4' on a line of its own counts the product of the line before."""
    last = here.scene.last
    if here.mentions or len(here.amounts) != 1:
        return
    amount = here.amounts[0]
    alone = amount.first == 0 and last is not None and _next_line(here.low, last.end, here.tokens[0].start)
    if here.tokens[0].low not in LABELS and not alone:
        return
    if amount.first > 3 or amount.last < len(here.tokens) - 2:
        return
    if last is None or last.quantity is not None:  # the form names the product below its number
        here.scene.pending, amount.used = amount.count, True
    else:
        last.quantity, last.said, last.weak, amount.used = amount.count, True, False, True
        last.end = max(last.end, here.tokens[amount.last].end)


def complete_attributes(here: Sentence) -> None:
    """'2 blue and 3 red mugs', 'mugs: 2 blue, 3 red': a colour or size alone borrows the noun of its neighbour."""
    for number, mention in enumerate(here.mentions):
        if mention.rule != "attribute" or beside_unknown(here, mention):
            continue
        amount = amount_before(here, number, mention)[0]
        after = next((m for m in here.mentions[number + 1 :] if m.rule != "attribute"), None)
        before = next((m for m in reversed(here.mentions[:number]) if m.rule not in ("attribute",)), None)
        heads = [
            m.keys for m in (after if amount and not before else None, before, after if amount else None) if m
        ]
        parent = here.scene.last
        if not heads and parent and parent.keys and not parent.seen:
            heads = [parent.keys]
        for keys in heads:
            if borrow(here, mention, keys):
                break
        if mention.rule == "attribute":
            continue
        if before and mention.skus and len(before.skus) > 1 and set(mention.skus) <= set(before.skus):
            before.rule = "split"
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and not amount:
            parent.skus, parent.rule = mention.skus, "attribute-said-later"
            parent.confidence = min(parent.confidence, 0.85)
            mention.rule = "split"
        elif not before and not after and parent and not amount:
            mention.rule = "split"
        elif not before and not after and parent and set(mention.skus) < set(parent.skus) and amount:
            parent.seen = True


def foreign_head(here: Sentence, statement: Statement, mention: Mention) -> None:
    """'Two tea samples', 'a stapler remover': the word behind names another thing than the product in front of it."""
    noun = here.tokens[mention.last + 1] if mention.last + 1 < len(here.tokens) else None
    words = [k for k in mention.keys if not is_attribute(k)]
    if noun is None or noun.kind != "word" or noun.masked or mention.rule == "sku" or len(noun.low) < 4:
        return
    if mention.rule in ("name", "alias") and len(words) > 1:
        return
    if here.low[here.tokens[mention.last].end : noun.start] != " ":
        return
    if noun.low in cues.NOT_GOODS and mention.rule not in ("name", "alias"):
        statement.seen = True
    elif not _common(noun.low) and not any(cue.fullmatch(noun.low) for cue in _MOODS):
        statement.confidence = min(statement.confidence, 0.7)


def beside_unknown(here: Sentence, mention: Mention) -> bool:
    """Whether a colour or a measure belongs to a noun that no product has: 'three green parasols'."""
    after = here.tokens[mention.last + 1] if mention.last + 1 < len(here.tokens) else None
    before = here.tokens[mention.first - 1] if mention.first else None
    measure = mention.keys[0][0] == "m"
    noun = before if measure else after
    if (
        noun is None
        or noun.kind != "word"
        or noun.masked
        or _common(noun.low)
        or noun.low in ("sowie", "plus", "also", "please")
        or len(noun.low) < 4
    ):
        return False
    return not any(
        cue.fullmatch(noun.low) for cue in (cues.ORDER, cues.PLEASE, cues.ADDITION, cues.CORRECTION)
    )


def borrow(here: Sentence, mention: Mention, keys: tuple[str, ...]) -> bool:
    kinds = {k[0] for k in mention.keys}
    whole = [k for k in keys if k[0] not in kinds or not is_attribute(k)] + list(mention.keys)
    if not any(not is_attribute(k) for k in whole):
        return False
    skus, confidence, _, _, pack = resolve(here.scene.catalogue, [Hit(-1, (k,)) for k in whole])
    if not skus or len(skus) > 12:
        return False
    mention.skus, mention.confidence, mention.pack = skus, min(confidence, 0.88), pack
    mention.rule, mention.keys = "noun-from-neighbour", tuple(whole)
    return True


def state(here: Sentence, number: int, mention: Mention, each: Amount | None) -> Statement | None:
    clause = here.clause(here.tokens[mention.first])
    amount, unknown, determiner = amount_for(here, number, mention)
    if each and amount in (None, each):
        amount, unknown, each.used = each, 0, True
    first = min(mention.first, amount.first) if amount and amount is not each else mention.first
    if determiner and amount is None and first and here.tokens[first - 1].low == determiner:
        first -= 1
    last = max(mention.last, amount.last) if amount and amount is not each else mention.last
    statement = Statement(
        mention.skus, None, here.tokens[first].start, here.tokens[last].end, mention.confidence, mention.rule,
        clause.sentence, item=clause.item, corrects=here.corrects, recaps=here.recaps, keys=mention.keys,
    )  # fmt: skip
    statement.mood, statement.own_words = clause.mood, not clause.item
    statement.definite = amount is not None and not amount.article and definite(here, amount.first)
    statement.among = mention.first > 0 and here.tokens[mention.first - 1].low in _AMONG
    statement.additive = cues.ADDITION.search(here.plain[clause.start : clause.end]) is not None
    count(here, statement, mention, amount, determiner)
    same_number(here, number, statement, mention)
    if unknown and amount is not None:
        statement.confidence = min(statement.confidence, 0.7)
        if mention.rule.startswith(
            "part-of-name"
        ):  # "an electric kettle" need not be the only kettle there is
            statement.skus, statement.rule = (), "unknown-product"
    if removed(here, mention, amount, clause):
        statement.removes = True
        relate(here, statement, amount, clause)
        return statement
    if old_amount(here, mention) and not amount:
        statement.rule = "replaced"
        return statement
    if not ordered(here, statement, mention, clause, amount):
        statement.seen = True
    if amount is None and cues.STAYS.search(here.plain[clause.start : clause.end]):
        statement.seen = True
    if (
        statement.quantity is None
        and amount is None
        and not statement.removes
        and not plainly_named(here, mention, clause)
    ):
        statement.seen = True
    relate(here, statement, amount, clause)
    foreign_head(here, statement, mention)
    if not mention.skus and (mention.rule == "no-product" and not (amount and not amount.article)):
        statement.seen = statement.seen or amount is None
    return statement


def plainly_named(here: Sentence, mention: Mention, clause: Clause) -> bool:
    """Whether a product without a number is what the sentence is about: a whole name, a list item, or right after the verb."""
    if clause.item or not mention.rule.startswith("part-of-name"):
        return True
    if clause.mood == "order" and sum(not is_attribute(key) for key in mention.keys) > 1:
        return True
    before = here.tokens[max(0, mention.first - 4) : mention.first]
    text = here.low[before[0].start : here.tokens[mention.first].start] if before else ""
    short = here.plain[clause.start : clause.end].rstrip().endswith(":") or (
        clause.mood == "order" and len(here.tokens) <= 4
    )
    return short or cues.ORDER.search(text) is not None


def ordered(
    here: Sentence, statement: Statement, mention: Mention, clause: Clause, amount: Amount | None
) -> bool:
    """Whether this naming is an order, by the mood of its clause and by how it stands there."""
    if clause.mood in ("ask", "tentative", "past"):
        return False
    first = min(mention.first, amount.first) if amount else mention.first
    owner = here.tokens[first - 1].low if first else ""
    if owner in _OWN and clause.mood != "order":
        return False
    if clause.polite and amount is None and not (statement.implied or cues.PLEASE.search(here.text)):
        return False
    if clause.mood == "order" or swap_middle(here.text) is not None:
        return True
    if statement.definite and not here.corrects and not clause.item:
        return False
    inside = {i for m in here.mentions for i in range(m.first, m.last + 1)}
    others = sum(
        t.kind == "word" and i not in inside and t.low not in lexicon.LIGHT and t.low not in lexicon.UNITS
        for i, t in enumerate(here.tokens)
    )
    foreign = sum(
        t.kind == "word" and i not in inside and not _common(t.low) for i, t in enumerate(here.tokens)
    )
    ahead = sum(
        t.kind == "word" and t.low not in lexicon.LIGHT and t.low not in lexicon.UNITS
        for t in here.tokens[:first] if t.start >= clause.start
    )  # fmt: skip
    fragment = others <= (3 if statement.said else 1) and ahead <= 1 and owner not in _OWN
    beside = any(not s.seen and s.quantity for s in (*here.scene.statements, *here.said))
    if statement.implied and beside and mention.rule in ("name", "alias") and foreign <= 1:
        return owner not in _OWN
    if statement.said and foreign <= len(here.mentions) and not cues.COPULA.search(here.text):
        fragment = owner not in _OWN
    if here.corrects and cues.MEANT.search(here.text):
        return True
    if not statement.said and cues.COPULA.search(here.text):
        return False
    if statement.said:
        if not fragment and not clause.item:
            statement.weak = True
        return True
    if fragment or clause.item:
        statement.weak = not clause.item
        return True
    return False


def _common(word: str) -> bool:
    """Whether a word says nothing of its own: articles, prepositions, units, the commonest words of the languages."""
    return (
        word in COMMON
        or word in lexicon.LIGHT
        or word in lexicon.STOP
        or word in lexicon.UNITS
        or word in LABELS
    )


def unknown_products(here: Sentence, *, beside: bool) -> None:
    """Something ordered that no product is: 'a purple kettle'. Only with an amount, in a clause that orders or `beside` one."""
    for amount in here.amounts:
        if amount.used or amount.old:
            continue
        if cues.FALSE_START.match(here.scene.canon.low, here.parts[-1].end) and "." in here.text[-4:]:
            continue
        clause = here.clause(here.tokens[amount.first])
        if clause.mood != "order" and not (
            (clause.item or (beside and not amount.article)) and clause.mood == "plain"
        ):
            continue
        if amount.first and here.tokens[amount.first - 1].low in _PREPOSITIONS:
            continue
        if amount.article and not (clause.mood == "order" and verb_before(here, amount)):
            continue
        span = noun_after(amount, here.tokens, here.mentions) or (
            noun_before(amount, here.tokens, here.mentions, clause) if clause.item else None
        )
        if span:
            amount.used = True
            here.scene.statements.append(
                Statement(
                    (),
                    amount.count,
                    span[0],
                    span[1],
                    0.7,
                    "unknown-product",
                    clause.sentence,
                    said=True,
                    item=clause.item,
                    mood=clause.mood,
                    own_words=not clause.item,
                )
            )


def verb_before(here: Sentence, amount: Amount) -> bool:
    before = here.low[here.parts[0].start : here.tokens[amount.first].start]
    return cues.ORDER.search(before) is not None


def loose_amounts(here: Sentence, named: bool) -> None:
    """'Make it 3', 'I'll take 2 of them': an amount whose product was named before."""
    free = [a for a in here.amounts if not a.used and not a.old and not a.article]
    if named or len(free) != 1:
        return
    clause = here.clause(here.tokens[free[0].first])
    takes = (
        clause.mood == "order"
        and cues.TAKES.search(here.plain[clause.start : clause.end].rstrip(" .!")) is not None
    )
    if (
        here.corrects
        or takes
        or (clause.mood == "order" and _PRONOUN.search(here.text))
        or _ONLY_PART.search(here.text)
    ):
        start, end = here.tokens[free[0].first].start, here.tokens[free[0].last].end
        here.scene.loose.append((free[0].count, start, end, here.corrects))
        last = here.scene.last
        if last and len(last.skus) >= 1 and clause.mood in ("order", "plain"):
            confidence = 0.9 if here.corrects and not last.seen else 0.75
            here.scene.statements.append(
                Statement(
                    last.skus,
                    free[0].count,
                    start,
                    end,
                    confidence,
                    "said-again",
                    clause.sentence,
                    said=True,
                    corrects=True,
                    keys=last.keys,
                )
            )
