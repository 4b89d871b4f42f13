"""Words that order something which no product is; they become a gap, never a guess."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.hits import OF
from checkout_desk.reading.model import Span
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common
from checkout_desk.reading.tokens import Token

_NOUN_ENDS = frozenset(
    "for to with by in on at from and or please pls but if when as per into fur mit an zu und oder bitte aus nach pour avec par dans chez s'il et ou"
    " para con por en y o com em e per da al alla voor met naar aan is are was sind ist est sont es son that which die das dass que qui che wenn si ob"
    " und_ each statt anstatt anstelle instead rather invece instead now today asap schicken bestellen senden liefern kaufen haben bestelle nehmen envoyer commander pedir enviar ordinare bestellen i we ich wir je yo eu io ik"
    " too also auch aussi tambien anche ook lg mfg vg glg gruss grusse regards cheers thx danke merci gracias grazie bedankt"
    " extra more mehr weitere plus autre otra otro dazu hinzu davon erbij".split()
)
_PURPOSE = frozenset("for fur pour para per voor".split())
_SO = frozenset("( donc also so ergo quindi dus portanto d.h".split())
_OF_WHAT = frozenset("davon them these those ervan daarvan deles delas ellos ellas".split())
_MOODS = (cues.ORDER, cues.PLEASE, cues.ADDITION, cues.CORRECTION, cues.REMOVED_BEHIND, cues.WITHOUT)
_COMPLEMENTS = frozenset("a of de d' di da do aus von van with mit avec con met en".split())
COMMON_VERBS = frozenset(
    "make send order take need want like get have would could can will ship deliver change add put bestelle nehme brauche mochte schicken"
    " prends voudrais quiero necesito quero preciso vorrei prendo wil neem them it one ones more each time".split()
)


def noun_after(amount: Amount, tokens: Sequence[Token], mentions: Sequence[Mention]) -> Span | None:
    """The words behind an amount that name something unknown: 'a purple kettle'."""
    at = amount.last + 1
    while at < len(tokens) and (
        tokens[at].low in lexicon.UNITS or tokens[at].low in ("of", "de", "d'", "von", "x", "van", "di", "-")
    ):
        at += 1
    if at < len(tokens) and tokens[at].low in _OF_WHAT:
        return None  # "four packets of them": what was named before
    first, last = at, at - 1
    while at < len(tokens) and at - first < 6:
        token = tokens[at]
        if token.masked or token.kind not in ("word", "measure") or token.low in _NOUN_ENDS:
            break
        if any(m.first <= at <= m.last and m.skus for m in mentions):
            return None
        if token.low in cues.NOT_GOODS:
            return None
        last = at
        at += 1
    words = [t for t in tokens[first : last + 1] if t.kind == "word"]
    if words and words[-1].low in ("worden", "werden"):
        return None  # "can the red ball become a blue one"
    while words and words[-1].low in lexicon.STOP:
        words.pop()
    if not words or not any(
        len(t.low) > 2 and t.low not in lexicon.LIGHT and t.low not in COMMON_VERBS for t in words
    ):
        return None
    return tokens[amount.first].start, words[-1].end


def units_after(amount: Amount, tokens: Sequence[Token]) -> Span | None:
    """'Another three tins': packs of something that was named elsewhere."""
    at = amount.last + 1
    if amount.first and tokens[amount.first - 1].low in _SO:  # "(10 packs each)" explains
        return None
    if amount.article or amount.count is None or at >= len(tokens) or tokens[at].low not in lexicon.PACKS:
        return None
    return tokens[amount.first].start, tokens[at].end


def noun_before(
    amount: Amount, tokens: Sequence[Token], mentions: Sequence[Mention], clause: Clause
) -> Span | None:
    """The same in a list item with the amount behind: 'purple kettle x 3'."""
    words = [t for t in tokens[: amount.first] if t.start >= clause.start and t.kind == "word"]
    words = [t for t in words if t.low != "x"]
    if not words or len(words) > 8 or any(t.masked or t.low in cues.NOT_GOODS for t in words):
        return None
    if any(m.skus for m in mentions) or not any(len(t.low) > 3 for t in words):
        return None
    return words[0].start, tokens[amount.last].end


def likely_it(here: Sentence, mention: Mention, amount: Amount) -> bool:
    """Whether several of something with a word that nobody knows are all the same the one product that fits.

    'Six fresh croissants'; 'three cartridges of silicone', '3 Kartuschen Silikon', where the noun only counts.
    """
    if len(mention.skus) == 1 and (amount.count or 0) > 1 and not amount.article:
        return True
    between = here.tokens[amount.last + 1 : mention.first]
    if not between or amount.article or (amount.count or 0) < 2 or between[0].kind != "word":
        return False
    noun = between[0]
    of = len(between) > 1 and between[1].low in OF
    alone = len(between) == 1 and here.scene.language == "de"
    return of or (alone and here.scene.canon.shown(noun.start, noun.start + 1).isupper())


def of_another(here: Sentence, mention: Mention) -> bool:
    """'Per il corso di cucito': a word of several products, behind another noun and "of", tells of which sort that is."""
    nouns = [key for key in mention.keys if not is_attribute(key)]
    if len(nouns) != 1 or len(mention.skus) < 2 or not mention.rule.startswith("part-of-name"):
        return False
    if mention.first > 1 and here.tokens[mention.first - 1].low in _OF_NOUN:
        noun = here.tokens[mention.first - 2]
        own = any(m.first <= mention.first - 2 <= m.last for m in here.mentions)
        return noun.kind == "word" and not (own or common(noun.low) or noun.low in lexicon.CONTAINERS)
    return False


_OF_NOUN = frozenset("de d' di do da du of von van".split())


def foreign_head(here: Sentence, statement: Statement, mention: Mention) -> None:
    """'Two tea samples', 'a stapler remover': the word behind names another thing than the product in front of it."""
    noun = here.tokens[mention.last + 1] if mention.last + 1 < len(here.tokens) else None
    words = [k for k in mention.keys if not is_attribute(k)]
    again = (
        here.said and here.said[-1].skus == statement.skus and here.said[-1].said and len(statement.skus) == 1
    )
    if again and not (statement.said or statement.additive):
        statement.seen = (
            True  # "two inner tubes, the ones with the 48 mm Presta valve": more words for the same
        )
        return
    if (
        noun is None
        or noun.kind != "word"
        or noun.masked
        or mention.rule == "sku"
        or (len(noun.low) < 4 and noun.low not in _COMPLEMENTS)
    ):
        return
    if mention.rule in ("name", "alias") and len(words) > 1 and not statement.implied:
        return
    if here.low[here.tokens[mention.last].end : noun.start] != " ":
        return
    if noun.low in _COMPLEMENTS and mention.rule.startswith("part-of-name"):
        behind = here.tokens[mention.last + 2] if mention.last + 2 < len(here.tokens) else None
        if behind is not None and behind.kind == "word" and not common(behind.low) and not behind.masked:
            statement.confidence = min(statement.confidence, 0.7)
        return
    if noun.low in ("one", "ones"):
        return
    at = mention.first - 1
    while at >= 0 and mention.first - at < 4 and here.tokens[at].low in lexicon.LIGHT:
        at -= 1
    if at >= 0 and here.tokens[at].low in _PURPOSE and not statement.said and not common(noun.low):
        statement.seen = True  # "for the clay club we'd like": who it is for
        return
    if noun.low in cues.NOT_GOODS and mention.rule not in ("name", "alias"):
        statement.seen = True
    elif not common(noun.low) and not any(cue.fullmatch(noun.low) for cue in _MOODS):
        statement.confidence = min(statement.confidence, 0.7)
        if (
            statement.implied
            and not statement.seen
            and mention.rule.startswith("part-of-name")
            and here.scene.language in ("en", "de", "nl")
        ):
            statement.skus, statement.rule, statement.end = (), "unknown-product", noun.end
