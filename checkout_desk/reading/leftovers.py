"""Amounts beside no product: something unknown is ordered, what was named before is meant, or a line is doubtful."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.ellipsis import MORE, STILL, one_for
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common
from checkout_desk.reading.unknowns import noun_after, noun_before, units_after

_ONLY_PART = re.compile(
    r"\b(?:if so|wenn ja|falls ja|si oui|dans ce cas|en ese caso|si es asi|si (?:la |lo )?hay|se sim|se si|zo ja)\b"
)
_PREPOSITIONS = frozenset(
    "for fur pour para per voor zu from von with mit at bei chez in im dans nel nella aus unter auf among between with avec con com met as als como come comme".split()
)
_OWN = frozenset(
    "my our his her their mein meine meinen meiner meinem unser unsere unseren unserer mes nos ses mis nuestros nuestras meus minhas nossos nossas i_miei miei mie nostri nostre mijn onze".split()
)
_EARLIER = frozenset(
    "last previous letzten vorigen vorherigen derniers dernieres precedents ultimos ultimas anteriores ultimi ultime precedenti vorige laatste dont waarvan".split()
)
# "Tengo 2 hijos", "we are 4": what people have or are, they do not order.
_HAVE = re.compile(
    r"\b(?<!can )(?<!could )(?<!may )(?<!might )(?<!shall )(?:i have|i've(?: got)?|we have|we've(?: got)?|we are|we're|there are|wir sind|wir haben|ich habe|nous sommes|nous serons|nous avons|on est|j'ai|tengo|tenemos|somos|tenho|temos|siamo|abbiamo|we zijn(?: met)?|we hebben|ik heb)(?: \d{1,3} \w+ (?:and|und|et|y|e|en))? $"
)
_PRONOUN = re.compile(
    r"\b(?:them|those|these|it|that|davon|en|ellas|ellos|deles|delas|ne|ervan|daarvan|of each|pieces|stuck|please|bitte)\b"
)
_OF_THEM = re.compile(
    r"\b(?:of (?:them|those|these|it|each)|davon|ervan|daarvan|deles|delas|de ell[ao]s|mettetene|mettez-en|pieces|stuck)\b"
)
_ENOUGH = re.compile(
    r"\b(?:is|are|would be|ist|sind|ware|est|sont|es|son|e|sono|zijn|va|vale)\b[^.!?\n]{0,12}\b(?:fine|enough|ok|okay|plenty|perfect|in ordnung|genug|okay|suffisant|parfait|bien|suficiente|perfecto|sufficiente|perfetto|goed|genoeg)\b|\b(?:vamos|voy|tengo|tenemos|hay|nos) (?:bien|bastante|suficiente|sobra)\b|\b(?:reicht|reichen|suffit|suffisent|bastan?|chega[m]?|volstaat)\b"
)
_NEAR = 12
_BETWEEN = frozenset(
    "get have order buy also please sich zich se me us mir uns nous moi too bestellen kaufen haben commander acheter comprar pedir ordinare quick".split()
) - {"quick"}


def doubt(here: Sentence, new: Sequence[Statement]) -> None:
    """A number beside a product that nothing explains speaks against certainty: the line waits for a person."""
    for amount in here.amounts:
        if amount.used or amount.old or amount.article or amount.count is None:
            continue
        start, end = here.tokens[amount.first].start, here.tokens[amount.last].end
        before = here.tokens[amount.first - 1].low if amount.first else ""
        told = here.clause(here.tokens[amount.first]).mood not in ("order", "plain")
        if not (told or before in _PREPOSITIONS | _OWN):
            last = [s for s in new if s.end <= start and not s.seen][-1:]
            last = last or ([here.scene.last] if here.corrects and not new and here.scene.last else [])
            for statement in last:  # however far off: "…, so 4 rather than 6"
                statement.confidence = min(statement.confidence, 0.75)
        for statement in new:
            near = min(abs(statement.start - end), abs(start - statement.end)) <= _NEAR
            joined = amount.first > 0 and here.tokens[amount.first - 1].low in lexicon.CONJUNCTIONS
            near = near or (joined and statement.end < start and statement is new[-1])
            if near and not statement.seen and statement.rule != "sku":
                statement.confidence = min(statement.confidence, 0.75)


def unheard(here: Sentence) -> None:
    """'No, make that three splendid carafes': a correction of something unknown may be about what stands last."""
    last = here.last_before
    slip = here.corrects or cues.FALSE_START.search(here.low, here.parts[0].start, here.parts[-1].end)
    if last is None or not slip or any(s.skus for s in here.said):
        return
    if any(not s.skus and s.sentence == here.parts[0].sentence for s in here.scene.statements):
        last.confidence = min(last.confidence, 0.75)


_OF_SIZE = frozenset("da de di du d'".split())
"""'le forbici, quelle da 21': which, not how many"""


def meet(here: Sentence, new: Sequence[Statement]) -> None:
    """'Enough croissants for everyone - say 16': the one number left belongs to the one product left, says a person."""
    free = [a for a in here.amounts if not (a.used or a.old or a.article) and a.count]
    counted = {sku for s in new if s.quantity is not None for sku in s.skus}
    taken = {here.tokens[a.first].start for a in here.amounts if a.used and a.count}
    open_ = [
        s
        for s in new
        if s.skus
        and s.quantity is None
        and not (s.removes or counted & set(s.skus))
        and not any(s.start <= at < s.end for at in taken)
    ]
    if len(free) != 1 or len(open_) != 1:
        return
    if free[0].first and here.tokens[free[0].first - 1].low in _PREPOSITIONS | _OWN | _OF_SIZE:
        return
    clause = here.clause(here.tokens[free[0].first])
    if clause.mood not in ("order", "plain") or not any(s.said and not s.seen for s in new):
        return
    free[0].used = True
    open_[0].quantity, open_[0].seen, open_[0].said = free[0].count, False, True
    open_[0].confidence = min(open_[0].confidence, 0.6)


def _short(here: Sentence, clause: Clause) -> bool:
    """Whether a clause says little beside its amount: 'please send 4', not 'ring twice, we live on floor 3'."""
    words = [
        t
        for t in here.tokens
        if clause.start <= t.start < clause.end and t.kind == "word" and not t.masked and not common(t.low)
    ]
    return (
        sum(
            not any(cue.fullmatch(t.low) for cue in (cues.ORDER, cues.CORRECTION, cues.ADDITION))
            for t in words
        )
        <= 1
    )


def unknown_products(here: Sentence, *, beside: bool) -> None:
    """Something ordered that no product is: 'a purple kettle'. Only with an amount, in a clause that orders or `beside` one."""
    for amount in here.amounts:
        if amount.used or amount.old:
            continue
        if cues.RECAP.match(here.low, min(here.tokens[amount.last].end + 1, here.parts[-1].end)):
            continue  # "so three altogether"
        if _ENOUGH.search(here.low, here.tokens[amount.first].end, here.tokens[amount.last].end + 24):
            continue  # "con nueve vamos bien"
        if cues.FALSE_START.match(here.scene.canon.low, here.parts[-1].end) and "." in here.text[-4:]:
            continue
        clause = here.clause(here.tokens[amount.first])
        if clause.mood != "order" and not (
            (clause.item or (beside and not amount.article)) and clause.mood == "plain"
        ):
            continue
        before = here.tokens[amount.first - 1].low if amount.first else ""
        if (
            before in _EARLIER
            or before in _OWN
            or _HAVE.search(
                here.low, max(0, here.tokens[amount.first].start - 40), here.tokens[amount.first].start
            )
            or (_introduces(here, clause) and not clause.item)
        ):
            continue  # "for our 3 kids"; "I need some things for the office:"
        if (
            before in _PREPOSITIONS
            or (before == "du" and here.scene.language == "fr")
            or (before == "en" and here.scene.language in ("fr", "es"))
        ):
            continue
        if here.tokens[amount.first].low == "one" and amount.first and not _counts_one(here, amount):
            continue  # "my old one gave up"
        if before == "(" and not clause.item and not _named_before(here, amount.first - 1):
            continue  # "on behalf of the garden club (43 plots)"
        item = clause.item and amount.first == 0
        if amount.article and not ((clause.mood == "order" and verb_before(here, amount.first)) or item):
            continue
        span = noun_after(amount, here.tokens, here.mentions) or (
            noun_before(amount, here.tokens, here.mentions, clause)
            if clause.item
            else units_after(amount, here.tokens)
        )
        row = clause.item and span is not None and span[0] < here.tokens[amount.first].start
        if (
            row
            and span
            and ":" in here.low[span[0] : span[1]]
            and not any(s.skus for s in here.scene.statements)
        ):
            continue  # "Abteilung: 3" above the goods of a form
        if span:
            amount.used = True
            here.scene.statements.append(
                Statement(
                    (),
                    2 * amount.count
                    if amount.count and amount.pair and here.tokens[amount.last].low == "couple"
                    else amount.count,
                    span[0],
                    span[1],
                    0.7,
                    "unknown-product",
                    clause.sentence,
                    said=True,
                    item=clause.item,
                    mood=clause.mood,
                    own_words=not clause.item,
                    maybe=amount.article and clause.mood != "order",
                )
            )


def _named_before(here: Sentence, at: int) -> bool:
    """Whether what a bracket at token `at` explains is counted or a product of ours."""
    named = any(m.last == at - 1 for m in here.mentions)
    return named or any(a.last < at <= a.last + 4 for a in here.amounts)


def enough(here: Sentence, new: Sequence[Statement]) -> None:
    """'The farm puzzle for the two big ones, one is enough': so many of the only product before it; a person says so."""
    wanted = [s for s in new if s.skus and not (s.seen or s.removes)]
    for amount in here.amounts:
        start, end = here.tokens[amount.first].start, here.tokens[amount.last].end
        before = [s for s in wanted if s.end <= start]
        if amount.used or amount.old or not amount.count or len(before) != 1 or len(wanted) != 1:
            continue
        said = _ENOUGH.search(here.low, end, min(end + 24, here.parts[-1].end))
        if said is None or here.low[end : said.start()].strip():
            continue
        before[0].quantity, before[0].said, amount.used = amount.count, True, True
        before[0].confidence = min(before[0].confidence, 0.75)


def _counts_one(here: Sentence, amount: Amount) -> bool:
    """Whether 'one' counts: what stands before it is no word of its own, or a verb of ordering."""
    before = here.tokens[amount.first - 1]
    if before.low in ("the", "that", "this", "which", "any", "every", "last", "other", "your", "my"):
        return False  # "the one you showed us"
    if before.kind != "word" or common(before.low):
        return True
    return any(cue.fullmatch(before.low) for cue in (cues.ORDER, cues.ADDITION, cues.CORRECTION))


def _introduces(here: Sentence, clause: Clause) -> bool:
    """Whether a clause leads to a list: 'for our 3 classes we need:'."""
    named = any(clause.start <= here.tokens[m.first].start < clause.end for m in here.mentions if m.skus)
    return here.text.rstrip().endswith(":") or (
        not named and here.low[clause.start : clause.end].rstrip().endswith(":")
    )


def verb_before(here: Sentence, first: int) -> bool:
    """Whether what begins at token `first` is what a verb of ordering wants: 'send me a …', not 'please use a …'."""
    start = here.parts[0].start
    before = here.plain[start : here.tokens[first].start]
    last = None
    for match in cues.ORDER.finditer(before):
        last = match
    if last is None:
        return False
    told = [(s.start, s.end) for s in (*here.said, *here.scene.statements)]
    told += [(here.tokens[m.first].start, here.tokens[m.last].end) for m in here.mentions if m.skus]
    between = [
        t
        for t in here.tokens[:first]
        if t.start >= start + last.end() and not any(a <= t.start < b for a, b in told)
    ]
    return len(between) <= 12 and all(
        t.kind != "word"
        or t.key[1:2] == ":"
        or t.low in lexicon.PAIRS
        or t.low in lexicon.SIZE_WORDS
        or t.low == "size"
        or t.masked
        or t.low in _BETWEEN
        or t.low in ("sowie", "plus", "ainsi", "que", "qu'", "alsook", "paar")
        or (common(t.low) and t.low not in _PREPOSITIONS)
        for t in between
    )


_FOR = frozenset("for fur pour para per voor".split())
_MY = frozenset("ma mon sa son ta ton mi tu minha meu mia mio suo sua zijn haar".split())


def one_more(here: Sentence, new: Sequence[Statement]) -> None:
    """'The blue mug for me and one for my sister': two of them, as long as the parts do not make up the whole."""
    parts: dict[int, list[Amount]] = {}
    asides = here.asides()
    for amount in here.amounts:
        at = amount.last + 1
        at += at < len(here.tokens) and here.tokens[at].low in MORE
        behind = here.tokens[at : at + 2]
        before = here.tokens[amount.first - 1].low if amount.first else ""
        if amount.first in asides:
            amount.used = amount.used or (bool(behind) and behind[0].low in _FOR)
            continue  # "4 mugs (2 for me, 2 for mum)"
        if amount.used or amount.old or not amount.count or len(behind) < 2 or behind[0].low not in _FOR:
            continue
        if before not in lexicon.CONJUNCTIONS | STILL and before not in (",", "(", ":"):
            continue
        if behind[1].low not in _OWN | _MY and behind[1].low not in lexicon.PRONOUNS:
            continue
        earlier = [n for n, s in enumerate(new) if s.end <= here.tokens[amount.first].start and not s.seen]
        if earlier:
            parts.setdefault(earlier[-1], []).append(amount)
        elif not new and not here.mentions:
            one_for(here, amount)
    for number, found in parts.items():
        statement, more = new[number], sum(a.count or 0 for a in found)
        for amount in found:
            amount.used = True
        if (
            statement.quantity
            and not statement.removes
            and not (
                statement.said and statement.quantity == more and not any(_told_more(here, a) for a in found)
            )
        ):
            statement.quantity += more
            statement.confidence = min(statement.confidence, 0.75)
        statement.end = max(statement.end, here.tokens[found[-1].last].end)


def _told_more(here: Sentence, amount: Amount) -> bool:
    """'And 2 more for my sister' says that these come on top."""
    behind = here.tokens[amount.last + 1 : amount.last + 2]
    return any(t.low in MORE for t in behind) or (
        amount.first > 0 and here.tokens[amount.first - 1].low in STILL
    )


def _of_them_before(here: Sentence, amount: Amount) -> bool:
    """'Mettez-m'en neuf, et …': a pronoun for what was named before, ahead of the first product of this sentence."""
    first = min((m.first for m in here.mentions if m.skus), default=0)
    before = [t.low for t in here.tokens[max(0, amount.first - 4) : amount.first]]
    french = here.scene.language == "fr" and "en" in before
    behind = here.tokens[amount.last + 1].low if amount.last + 1 < len(here.tokens) else ""
    of = here.tokens[amount.last + 2].low if amount.last + 2 < len(here.tokens) else ""
    english = behind == "of" and of in ("them", "those", "these")
    borrowed = next((m.rule == "noun-from-neighbour" for m in here.mentions if m.skus), False)
    ends = behind in (",", ";", "-") or behind in lexicon.CONJUNCTIONS
    if borrowed and ends and amount.first < first and not amount.article:
        return True  # "Me encantan las tazas rojas. Quiero cuatro, y una azul."
    return amount.first < first and (french or english or behind in ("davon", "ervan", "daarvan"))


_NOW = frozenset("this esta desta questa cette diesmal diesesmal deze now today ahora jetzt heute".split())


def _one_of_it(here: Sentence, amount: Amount) -> bool:
    """'Wenn ja, hätte ich gern eine': an article at the end of its clause counts what was asked about."""
    behind = here.tokens[amount.last + 1 : amount.last + 2]
    return _ONLY_PART.search(here.text) is not None and all(t.kind != "word" for t in behind)


def loose_amounts(here: Sentence, named: bool) -> None:
    """'Make it 3', 'I'll take 2 of them': an amount whose product was named before."""
    free = [a for a in here.amounts if not (a.used or a.old) and (not a.article or _one_of_it(here, a))]
    free = [a for a in free if not a.first or here.tokens[a.first - 1].low not in _OWN]  # "mis dos caballos"
    if len(free) > 1:  # "neuf, du 2018"
        free = [a for a in free if not 1950 <= (a.count or 0) <= 2100]
    if len(free) > 1:  # "he broke 2 of the mugs, please send 2 more"
        free = [a for a in free if here.clause(here.tokens[a.first]).mood == "order"]
    if len(free) != 1 or (named and not _of_them_before(here, free[0])):
        return
    clause = here.clause(here.tokens[free[0].first])
    behind = here.tokens[free[0].last + 1 : free[0].last + 2]
    foreign = not (_PRONOUN.search(here.text) or here.corrects or _ENOUGH.search(here.text))
    if any(
        t.kind == "word" and (t.low in cues.NOT_GOODS or (foreign and not (common(t.low) or t.low in _NOW)))
        for t in behind
    ):
        return  # "we have 4 classrooms": something else is counted
    takes = (
        clause.mood == "order"
        and cues.TAKES.search(here.plain[clause.start : clause.end].rstrip(" .!")) is not None
    )
    if (
        named
        or here.corrects
        or _ENOUGH.search(here.text)
        or takes
        or (
            clause.mood == "order"
            and (
                _OF_THEM.search(here.text)
                or (
                    _PRONOUN.search(here.text)
                    and _short(here, clause if cues.MORE.search(here.text) else here.whole)
                )
            )
        )
        or _ONLY_PART.search(here.text)
    ):
        start, end = here.tokens[free[0].first].start, here.tokens[free[0].last].end
        here.scene.loose.append((free[0].count, start, end, here.corrects))
        last = here.last_before if named else here.scene.last
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
