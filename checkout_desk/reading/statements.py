"""What one sentence says about products: this many of that, none of that, something unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkout_desk.reading import cues
from checkout_desk.reading.attributes import complete_attributes, complete_variants
from checkout_desk.reading.certainty import weigh
from checkout_desk.reading.changing import (
    KEPT,
    add_it,
    definite,
    either_or,
    far_refused,
    hand_over,
    old_amount,
    preferred,
    relate,
    removed,
    replace_old,
    take_back,
    take_last_back,
)
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.corrections import (
    another_sort_at_once,
    corrected_at_once,
    more_of_it,
    not_that_but_this,
    packs_of_it,
)
from checkout_desk.reading.counting import (
    amount_for,
    count,
    each_amount,
    each_kind,
    each_of_all,
    same_as_before,
    same_number,
    shares,
    whole_of_each,
)
from checkout_desk.reading.ellipsis import packs_alone
from checkout_desk.reading.enumerating import counts_up
from checkout_desk.reading.languages import of_sentence
from checkout_desk.reading.leftovers import (
    doubt,
    enough,
    loose_amounts,
    meet,
    one_more,
    unheard,
    unknown_products,
)
from checkout_desk.reading.mentions import find_mentions
from checkout_desk.reading.narrowing import (
    narrow_by_aside,
    narrow_by_dimension,
    narrow_by_number,
    narrow_by_size,
    narrow_by_weight,
    narrow_in_east,
    share_out,
    spread,
)
from checkout_desk.reading.pointing import both_of_them, each_wishes, pointed_back
from checkout_desk.reading.quantities import LABELS, Amount, amounts
from checkout_desk.reading.rows import read_row
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.sentence import Sentence
from checkout_desk.reading.siblings import sizes_of_the_same
from checkout_desk.reading.threads import as_it_was, multiply, renumbered, same_as_last_time, swap_in_thread
from checkout_desk.reading.unknowns import foreign_head, likely_it, of_another
from checkout_desk.reading.wanting import ordered, plainly_named
from checkout_desk.reading.wholes import shared_in_parts

# "Two bottle cages to go with my 2 bidons": what something else is to fit is there already.
_FITS = re.compile(
    r"\b(?:(?:to|that|which) (?:go(?:es)?|match(?:es)?|fits?|suits?|works?|replace[sd]?|complements?)(?: with| along(?:side)?(?: with)?)?|goes? with|(?:passend|passt|passen|gehor\w+) (?:gut )?zu[mr]?"
    r"|(?:pour )?(?:all\w+|va|vont) avec|assorti\w* (?:a|aux?)|(?:a juego|que (?:van?|pegan?|combinan?)|combinar|para (?:combinar|ir)) con|(?:che (?:van\w*|sta\w*)|abbinat\w|da abbinare) (?:con|a[il]?)"
    r"|(?:que (?:fiquem?|va\w*|combin\w+)|combinar|a condizer) com|(?:die|dat) (?:past|passen)(?: bij)?|passend(?:e)? bij) (?:the|those|these|my|our|de[nrms]|d[eiu]e|meine[nrm]?|unsere[nrm]?|l[ae]s|mes|nos|los|mis|nuestr[oa]s|i|le|miei|mie|as|os|meus|minhas|mijn|onze) $"
)
# "Caramel syrup: none": a line of a list that orders nothing.
_NONE = re.compile(
    r" ?[:=-] ?(?:keine?|none|nil|zero|aucune?|ningun[oa]?|nessun[oa]?|geen|nenhuma?|なし|[-–—/])[ .,;]*(?:\n|$)"
)
_AMONG = frozenset("the these those den die der des les las los dei delle degli de deze dos das".split())


def read_sentence(scene: Scene, parts: Sequence[Clause]) -> None:
    """Add to the scene what the clauses of one sentence say."""
    start, end = parts[0].start, parts[-1].end
    mail, scene.language = scene.language, of_sentence(scene.canon.low[start:end], scene.language)
    _read_in(scene, parts)
    scene.language = mail


def _read_in(scene: Scene, parts: Sequence[Clause]) -> None:
    start, end = parts[0].start, parts[-1].end
    tokens = scene.tokens(start, end)
    if not tokens:
        return
    start, end = tokens[0].start, tokens[-1].end
    words = scene.canon.letters(start, end)
    mentions = find_mentions(scene.canon.low, tokens, scene.catalogue, words)
    found = amounts(tokens, mentions, scene.canon.low, words, language=scene.language)
    read(Sentence(scene, parts, tokens, mentions, found))


def _next_line(low: str, end: int, start: int) -> bool:
    """Whether one place stands on the line below another one."""
    return low.count("\n", end, start) == 1 and not low[end:start].strip(" \n.:")


def read(here: Sentence) -> None:
    """Add what a sentence says to its scene."""
    if cues.GREETING.match(here.text) and len(here.tokens) <= 6 and not here.amounts:
        return
    labelled_amount(here)
    counts_up(here)
    shared_in_parts(here)
    narrow_by_number(here)
    complete_attributes(here)
    complete_variants(here)
    spread(here)
    share_out(here)
    sizes_of_the_same(here)
    narrow_by_aside(here)
    narrow_by_size(here)
    narrow_by_dimension(here)
    narrow_by_weight(here)
    narrow_in_east(here)
    each = each_amount(here)
    new = here.said
    corrected_at_once(here, here.scene.last)
    for number, mention in enumerate(here.mentions):
        if mention.rule in ("attribute", "split"):
            continue
        statement = state(here, number, mention, each)
        if statement:
            new.append(statement)
            corrected_at_once(here, statement)
    another_sort_at_once(here, new)
    _first_of_list(here, new)
    replaced = [s for s in new if s.rule == "replaced"]
    if replaced:
        replace_old(here, new, replaced)
    take_back(here)
    take_last_back(here)
    add_it(here)
    hand_over(here, new)
    preferred(here, new)
    either_or(here, new)
    not_that_but_this(here)
    each_kind(here, new)
    both_of_them(here, new)
    each_wishes(here, each)
    here.scene.statements += new
    if not new:
        same_as_before(here)
    if new:
        here.scene.last = new[-1]
    read_row(here, new)
    each_of_all(here)
    one_more(here, new)
    as_it_was(here, new)
    pointed_back(here, new)
    more_of_it(here, new)
    packs_of_it(here, new)
    enough(here, new)
    packs_alone(here)
    unknown_products(here, beside=any(s.said and not s.seen for s in new))
    loose_amounts(here, any(not s.seen for s in new))
    meet(here, new)
    swap_in_thread(here)
    renumbered(here, new)
    same_as_last_time(here, new)
    doubt(here, new)
    unheard(here)
    weigh(here, new)


def _first_of_list(here: Sentence, new: Sequence[Statement]) -> None:
    """'A set of tea glasses, and 6 espresso cups': what begins a list without a verb is ordered as the rest is."""
    for at, early in enumerate(new):
        plain = early.seen and early.implied and early.mood == "plain" and len(early.skus) == 1
        named = early.rule in ("name", "alias") and not here.corrects
        if (
            plain
            and named
            and any(s.said and s.quantity and not s.seen for s in new[at + 1 :])
            and not cues.COPULA.search(here.text)
        ):
            early.seen, early.weak = False, True
    first = new[0] if new else None
    if first is None or not (first.seen and first.implied and first.mood == "plain" and len(first.skus) == 1):
        return
    greeted = cues.GREETING.match(here.text) is not None and any(
        first.start == next((t.start for t in here.tokens if t.start >= part.start), -1)
        for part in here.parts
    )
    if (greeted or first.start == here.tokens[0].start) and any(
        s.said and s.quantity and not s.seen for s in new[1:]
    ):
        first.seen, first.weak = False, True


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
        last.seen = last.seen and last.mood != "plain"
        last.end = max(last.end, here.tokens[amount.last].end)


def state(here: Sentence, number: int, mention: Mention, each: Amount | None) -> Statement | None:
    """What the sentence says of one product: how many, none, or only its name."""
    clause = here.clause(here.tokens[mention.first])
    amount, unknown, determiner = amount_for(here, number, mention)
    if (each and whole_of_each(here, number, amount, each)) or (
        each and amount in (None, each) and shares(here, each, mention)
    ):
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
    counted = amount is not None and not amount.article and not mention.given
    statement.definite = counted and amount is not None and definite(here, amount.first)
    statement.among = mention.first > 0 and here.tokens[mention.first - 1].low in _AMONG
    statement.additive = cues.ADDITION.search(here.reach(clause, mention)) is not None
    if any(a.old for a in here.amounts):
        statement.additive = False
    count(here, statement, mention, amount, determiner)
    same_number(here, number, statement, mention)
    if unknown and amount is not None:
        statement.confidence = min(statement.confidence, 0.7)
        # "an electric kettle" need not be the only kettle there is; "six fresh croissants" are, if a person says so
        if mention.rule.startswith("part-of-name") and not likely_it(here, mention, amount):
            statement.skus, statement.rule = (), "unknown-product"
    if unknown and amount is None and determiner and mention.rule.startswith("part-of-name"):
        statement.confidence = min(
            statement.confidence, 0.7
        )  # "la tovaglia di lino" in a shop that has no tablecloth
    several = here.scene.known and here.corrects and sum(bool(m.skus) for m in here.mentions) > 1
    if several and len(here.parts) > 1 and not _corrected_here(here, clause):
        statement.confidence = min(statement.confidence, 0.78)
    behind = here.tokens[mention.last].end
    if not statement.said and (_NONE.match(here.low, behind) or KEPT.match(here.low, behind)):
        statement.seen = True
        return statement
    if removed(here, mention, amount, clause):
        statement.removes = True
        if far_refused(here, mention):
            statement.confidence = min(statement.confidence, 0.7)
        relate(here, statement, mention, amount, clause)
        return statement
    if old_amount(here, mention) and not amount:
        statement.rule = "replaced"
        return statement
    if not ordered(here, statement, mention, clause, amount) or _FITS.search(
        here.low, max(clause.start, statement.start - 60), statement.start
    ):
        statement.seen = True
    if amount is None and of_another(here, mention):
        statement.seen = True
    if mention.rule == "part-of-name-corrected" and amount is None and not determiner:
        statement.seen = True  # "merci de livrer" names no livre
    if amount is None and cues.STAYS.search(here.plain[clause.start : clause.end]):
        statement.seen = True
    if (
        statement.quantity is None
        and amount is None
        and not statement.removes
        and not plainly_named(here, mention, clause)
    ):
        statement.seen = True
    relate(here, statement, mention, amount, clause)
    foreign_head(here, statement, mention)
    multiply(here, statement, mention)
    if not mention.skus and (mention.rule == "no-product" and not (amount and not amount.article)):
        statement.seen = statement.seen or amount is None
    return statement


def _corrected_here(here: Sentence, clause: Clause) -> bool:
    """Whether the words that correct stand in the product's own clause."""
    text = here.plain[clause.start : clause.end]
    old = any(a.old and clause.start <= here.tokens[a.first].start < clause.end for a in here.amounts)
    return old or any(
        cue.search(text)
        for cue in (cues.CORRECTION, cues.FROM_TO, cues.SWAP, cues.SWAP_BEHIND, cues.MEANT, cues.SHOULD_BE)
    )
