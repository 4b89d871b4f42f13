"""Whether a product that a sentence names is wanted, by the mood of its clause and by how it stands there."""

from __future__ import annotations

import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.asking import wants_goods
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.changing import swap_middle
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.leftovers import verb_before
from checkout_desk.reading.patterns import quick
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common

_OWN = frozenset(
    "my our mein meine meinen meinem unser unsere unseren mon ma mes notre nos mi mis nuestro nuestra meu minha il_mio mio mia mijn onze".split()
)
_BESIDE = frozenset(
    "with match matching zum zur mit passend avec assorti con com met bij near beside than".split()
)
_LEADS = lexicon.CONJUNCTIONS | lexicon.SINGULAR_DETERMINERS | lexicon.PLURAL_DETERMINERS
_TIES = lexicon.CONJUNCTIONS | lexicon.SIZE_WORDS | {"size"}
_PASSING = (
    lexicon.LIGHT | lexicon.UNITS | lexicon.CONJUNCTIONS | frozenset("ach oh ah hm well okay ok ps".split())
)
# "The laptop needs it": who needs something is not ordered.
_NEEDS = re.compile(r" (?:needs|wants|takes|requires|braucht|benotigt|necesita|precisa|ha bisogno|heeft)\b")
# "Il router lo prendiamo il mese prossimo": later, so not now. Next week may be when it is to arrive.
_LATER = quick(
    r"\b(?:next (?:month|year|spring|summer|autumn|winter|order)|(?:nachste[nsr]?|kommende[nsr]?) (?:monat|jahr|fruhjahr|sommer|herbst|winter|bestellung)|(?:le mois|l'annee) prochaine?|(?:el mes|el ano) que viene|(?:el|la) proxim[oa] (?:mes|ano|pedido)"
    r"|(?:no|o) (?:proximo mes|mes que vem)|(?:il |l')?(?:mese|anno) prossimo|volgend(?:e)? (?:maand|jaar|bestelling)|another time|ein andermal|une autre fois|otra vez|otro dia|noutra altura|un'altra volta|een andere keer)\b|また今度|次回|来月|来年"
)


def _put_off(here: Sentence, clause: Clause) -> bool:
    """Whether a clause puts off what it names without a number: 'the router we'll take next month'."""
    return _LATER.search(here.plain, clause.start, clause.end) is not None


def _for_whom(here: Sentence, first: int) -> set[int]:
    """The tokens of 'voor de nieuwe collega' right before what begins at token `first`: who it is for changes nothing."""
    at = first - 1
    while at >= 0 and first - at <= 6 and here.tokens[at].kind == "word":
        if here.tokens[at].low in _FOR:
            return set(range(at, first))
        at -= 1
    return set()


_FOR = frozenset("for fur pour para per voor".split())


def _beside_it(here: Sentence, first: int) -> bool:
    """Whether a product without a number only goes with another one: 'to match the tray', 'passend zum Tablett'."""
    before = [t.low for t in here.tokens[max(0, first - 2) : first + 1]]
    return any(word in _BESIDE for word in before)


def _beside_another(here: Sentence, mention: Mention) -> bool:
    """'Gostaria de duas taças e do bule branco': right behind "and" or a comma, in a sentence that ordered already."""
    at = mention.first - 1
    while at > 0 and mention.first - at < 4 and here.tokens[at].low in lexicon.LIGHT:
        at -= 1
    tied = at > 0 and (here.tokens[at].low in lexicon.CONJUNCTIONS or here.tokens[at].low == ",")
    return tied and at < mention.first - 1 and any(s.skus and s.said and not s.seen for s in here.said)


def _right_behind(here: Sentence, statement: Statement) -> bool:
    """Whether only "and" or a comma stands between what was counted and this: 'two blue mugs and a strainer'."""
    last = here.said[-1] if here.said else None
    between = here.low[last.end : statement.start].strip(" ,") if last is not None else "-"
    return (
        last is not None and last.said and not last.seen and (not between or between in lexicon.CONJUNCTIONS)
    )


def plainly_named(here: Sentence, mention: Mention, clause: Clause) -> bool:
    """Whether a product without a number is what the sentence is about: a whole name, a list item, or right after the verb."""
    if clause.item or not mention.rule.startswith("part-of-name"):
        return True
    ahead = here.tokens[mention.first - 1] if mention.first else None
    if here.counts_up and (ahead is None or ahead.kind != "word" or ahead.low in _LEADS):
        return True
    if clause.mood == "order" and sum(not is_attribute(key) for key in mention.keys) > 1:
        return True
    if clause.mood == "order" and len(mention.skus) == 1 and _beside_another(here, mention):
        return True
    before = here.tokens[max(0, mention.first - 6) : mention.first]
    text = here.low[before[0].start : here.tokens[mention.first].start] if before else ""
    short = here.plain[clause.start : clause.end].rstrip().endswith(":") or (
        clause.mood == "order" and len(here.tokens) <= 4
    )
    rest = sum(t.kind == "word" for i, t in enumerate(here.tokens) if not mention.first <= i <= mention.last)
    if not rest and sum(not is_attribute(key) for key in mention.keys) > 1 and len(mention.keys) > 2:
        return True  # "City helmet in white, small"
    also = rest <= 2 and cues.ADDITION.search(here.text) is not None  # "Also Catch-22, paperback."
    return short or also or cues.ORDER.search(text) is not None


def ordered(
    here: Sentence, statement: Statement, mention: Mention, clause: Clause, amount: Amount | None
) -> bool:
    """Whether this naming is an order, by the mood of its clause and by how it stands there."""
    if clause.mood == "ask" and statement.said and statement.quantity and wants_goods(here):
        statement.weak = True
        return True
    if clause.mood in ("ask", "tentative", "past"):
        return False
    first = min(mention.first, amount.first) if amount else mention.first
    owner = here.tokens[first - 1].low if first else ""
    if owner == "ma" and here.scene.language == "it":  # "but"
        owner = ""
    if owner == "mi" and first > 1 and here.tokens[first - 2].low in ("para", "a", "por"):  # "para mí"
        owner = ""
    if owner in _OWN and clause.mood != "order":
        return False
    begin = here.tokens[first].start
    if not statement.said and _put_off(here, clause):
        return False
    if not statement.said and _NEEDS.match(here.low, here.tokens[mention.last].end):
        return False
    if amount is not None and cues.BE_MANY.search(here.low, max(here.parts[0].start, begin - 40), begin):
        return False
    if swap_middle(here.text) is not None:
        return True
    if not statement.said and _beside_it(here, first):
        statement.weak = True
    wanted = statement.said or sum(not is_attribute(key) for key in mention.keys) > 1 or mention.rule == "sku"
    if clause.mood == "order" and not (wanted or clause.item or verb_before(here, first)):
        asked = cues.ORDER.search(here.plain[clause.start : here.tokens[first].start]) is None
        statement.weak = statement.weak or not asked
        # "Vorrei regalare a mia zia la teiera verde": rather asked about than lost
        pointed = statement.implied and len(mention.skus) == 1
        pointed = pointed and (len(mention.keys) > 1 or _right_behind(here, statement))
        return asked or pointed or mention.rule in ("name", "alias")
    if clause.polite and amount is None and not (statement.implied or cues.PLEASE.search(here.text)):
        return False
    if clause.mood == "order":
        return True
    if statement.definite and not here.corrects and not clause.item:
        return False
    inside = (
        {i for m in here.mentions for i in range(m.first, m.last + 1)}
        | here.asides()
        | _for_whom(here, first)
    )
    others = sum(
        t.kind == "word" and i not in inside and t.low not in _PASSING for i, t in enumerate(here.tokens)
    )
    foreign = sum(
        t.kind == "word" and i not in inside and not common(t.low) and t.low not in _TIES
        for i, t in enumerate(here.tokens)
        if statement.said or clause.start <= t.start < clause.end
    )
    ahead = sum(
        t.kind == "word" and t.low not in _PASSING
        for t in here.tokens[:first] if t.start >= clause.start
    )  # fmt: skip
    fragment = others <= (3 if statement.said else 1) and ahead <= 1 and owner not in _OWN
    beside = any(not s.seen and s.quantity for s in (*here.scene.statements, *here.said))
    praised = cues.COPULA.search(here.plain[clause.start : clause.end]) is not None
    behind = here.plain[here.tokens[mention.last].end : clause.end]
    praised = praised or cues.WITHOUT.search(behind) is not None  # "the red mug I don't like so much"
    listed = here.scene.rows.ordered or clause.item
    if statement.implied and beside and (len(mention.skus) == 1 or listed) and foreign <= 1 and not praised:
        statement.weak = statement.weak or mention.rule not in ("name", "alias")
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
