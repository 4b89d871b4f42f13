"""What a sentence takes back, replaces or leaves open between two products."""

from __future__ import annotations

import itertools
import re

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.choosing import keys_of
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.codes import Mention
from checkout_desk.reading.quantities import Amount
from checkout_desk.reading.scene import Statement
from checkout_desk.reading.sentence import Sentence, common

_KEEP = re.compile(
    r"\b(?:do(?:n'?t| not) forget|nicht vergessen|n'oubliez pas|no (?:se )?olvid\w+|nao (?:se )?esquec\w+|non dimentic\w+|niet vergeten|not only|no problem|(?:aucun|ningun|nenhum|nessun)\w? (?:probleme?|souci|problema|fretta|prisa|pressa|urgenc\w+|duda|doute|dubbio|duvida|rush))\b"
)
_DEFINITE = frozenset(
    "the those these die den der les mes tes vos nos ces los las mis sus vuestros i gli le os as meus seus dei delle degli de deze".split()
)
KEPT = re.compile(
    r" (?:dej[ae]n?l[oa]s?|lascial[oaie]|laissez-l[ea]s?|lassen sie (?:drin|drauf)|lasst drin|bleibt|stays?|blijft|reste|fica|resta)\b"
)
_AND_AT_END = re.compile(r"\b(?:and|und|et|y|e|en|nor|noch|or|oder|ou|o|of) (?:\w+ )?$")
_OR = {
    "de": frozenset({"oder"}), "fr": frozenset({"ou"}), "es": frozenset({"o"}), "pt": frozenset({"ou"}), "it": frozenset({"o", "oppure"}),
    "nl": frozenset({"of"}), "ja": frozenset({"か"}),
}  # fmt: skip


def old_amount(here: Sentence, mention: Mention) -> bool:
    """Whether the amount right before a product tells how many it was: "instead of 2 mugs"."""
    at = mention.first - 1
    while at >= 0 and mention.first - at <= 4:
        if any(a.old and a.last == at for a in here.amounts):
            return True
        if here.tokens[at].low not in lexicon.LIGHT and here.tokens[at].low not in lexicon.UNITS:
            return False
        at -= 1
    return False


def swap_middle(text: str) -> int | None:
    """Where "swap A for B" turns from what goes to what comes; None for a sentence that swaps nothing."""
    swap = cues.SWAP.search(text) or cues.SWAP_BEHIND.search(text)
    return swap.start("middle") if swap else None


def removed(here: Sentence, mention: Mention, amount: Amount | None, clause: Clause) -> bool:
    """Whether the sentence takes the product back: a negation before it without a new start, or a verb behind it."""
    if old_amount(here, mention):
        return False
    at = here.tokens[mention.first].start - here.parts[0].start
    if (middle := swap_middle(here.text)) is not None:
        swap = cues.SWAP.search(here.text)
        if swap is None or at >= swap.start():
            return at < middle
    elif here.scene.known and (turn := cues.SHOULD_BE.search(here.text)):
        return at < turn.start()
    if cues.STAYS.search(here.plain[clause.start : here.tokens[mention.first].start]):
        return False
    if KEPT.match(here.low, here.tokens[mention.last].end):
        return False
    begin = here.tokens[mention.first if not amount else min(amount.first, mention.first)].start
    if _refused_before(here, amount, begin):
        return True
    if amount and not amount.article and "instead" not in here.text:
        return (
            cues.LESS.search(here.text) is None
            and _refused_behind(here, mention, clause)
            and definite(here, amount.first)
        )
    return _refused_behind(here, mention, clause)


def _refused_behind(here: Sentence, mention: Mention, clause: Clause) -> bool:
    reach = here.reach(clause, mention) if here.takes_back() else ""
    match = cues.REMOVED_BEHIND.search(reach)
    if match is None:
        return False
    runs = here.runs()
    at = next((n for n, run in enumerate(runs) if run[0].first <= mention.first <= run[-1].first), len(runs))
    if at + 1 >= len(runs) or not _JOINED.search(reach, 0, match.start()):
        return True
    # "3 green bowls and I no longer want the sugar bowl": what the verb takes back stands behind it
    rest = reach[match.end() :].split()
    return not (rest and all(common(word) for word in rest))


_JOINED = re.compile(r"\b(?:and|und|et|y|e|en)\b")


def _refused_before(here: Sentence, amount: Amount | None, begin: int) -> bool:
    """Whether a word such as "without" or "cancel" before the place `begin` reaches it."""
    start = here.parts[0].start
    before = here.plain[start:begin]
    cut = None
    for match in cues.WITHOUT.finditer(before):
        cut = match
    if cut is None or _KEEP.search(before):
        return False
    if cut[0] in _NO and cues.FALSE_START.search(here.low, start + cut.start(), start + cut.end() + 12):
        return False  # "green mugs, no wait, blue ones"
    number = amount is not None and not amount.article
    behind = [a for a in here.amounts if a.old and start + cut.end() <= here.tokens[a.first].start < begin]
    named = any(start + cut.end() <= here.tokens[m.first].start and here.tokens[m.last].end <= begin
                for m in here.mentions if m.skus)  # fmt: skip
    if amount is not None and behind:  # "statt 4 doch 6": what is replaced stands between
        return False
    between = cues.WANTING.sub("", before[cut.end() :])
    if (
        named
        and _instead(cut[0])
        and not _AND_AT_END.search(between)
        and _another(here, start + cut.end(), begin)
    ):
        return False  # "instead of the small ladder the large one"
    again = "," in between or re.search(r"\b(?:and|und|et|y|e|en)\b", between)
    fresh = number and (again or (named and _instead(cut[0])))
    return not (fresh or cues.RESTART.search(between) or len(between) >= 80 or re.search(r"[:;]", between))


_NO = frozenset("no non nein nee nao".split())


def far_refused(here: Sentence, mention: Mention) -> bool:
    """Whether other words than products stand between a refusal and what it seems to reach: then it may not reach it."""
    start, begin = here.parts[0].start, here.tokens[mention.first].start
    cut = None
    for match in cues.WITHOUT.finditer(here.plain[start:begin]):
        cut = match
    if cut is None:
        return False
    inside = {i for m in here.mentions if m.skus for i in range(m.first, m.last + 1)}
    between = [
        t for i, t in enumerate(here.tokens) if start + cut.end() <= t.start < begin and i not in inside
    ]
    return (
        "," in [t.low for t in between] and sum(t.kind == "word" and not common(t.low) for t in between) > 1
    )


def _another(here: Sentence, start: int, begin: int) -> bool:
    """Whether what is named between two places is another product than the one that begins at `begin`."""
    between = [
        m
        for m in here.mentions
        if m.skus and start <= here.tokens[m.first].start and here.tokens[m.last].end <= begin
    ]
    behind = next((m for m in here.mentions if m.skus and here.tokens[m.first].start >= begin), None)
    return behind is not None and all(not set(m.skus) & set(behind.skus) for m in between)


def _instead(word: str) -> bool:
    return (
        re.match(
            r"instead|rather|statt|anstatt|anstelle|au lieu|plutot|a la place|en vez|en lugar|em vez|invece|al posto|in plaats",
            word,
        )
        is not None
    )


def definite(here: Sentence, first: int) -> bool:
    """Whether the amount at token `first` stands behind a definite article: "the 2 chain locks" are known already."""
    return first > 0 and here.tokens[first - 1].low in _DEFINITE


def relate(
    here: Sentence, statement: Statement, mention: Mention, amount: Amount | None, clause: Clause
) -> None:
    """'One less', 'take out one of the strainers', 'two more': by how many a known quantity changes."""
    if amount is None or not amount.count or statement.definite:
        return
    text = here.plain[clause.start : clause.end]
    takes = (
        statement.removes
        or _refused_behind(here, mention, clause)
        or re.search(r"\b(?:less|fewer|weniger|de moins|en moins|menos|di meno|in meno|minder)\b", text)
    )
    if not takes and here.scene.known and cues.MORE.search(here.reach(clause, mention)) and not here.corrects:
        statement.relative = amount.count
    elif takes:
        statement.relative, statement.removes = -amount.count, False
        statement.seen, statement.said = False, True


def take_back(here: Sentence) -> None:
    """'About the pump: please take it off': a later clause takes back what an earlier one only named."""
    for part in here.parts:
        match = cues.TAKE_IT_BACK.search(here.plain, part.start, part.end)
        if match is None or any(
            part.start <= here.tokens[m.first].start < part.end for m in here.mentions if m.skus
        ):
            continue
        earlier = [s for s in here.said if s.end <= match.start() and s.skus]
        target = earlier[-1] if earlier else here.scene.last
        if target is not None and target.skus:
            target.removes, target.seen, target.relative = True, False, 0
            target.confidence = min(target.confidence, 0.88)


_ADD_IT = re.compile(
    r"\badd (?:it|them|that|one)\b|\b(?:ihn|sie|es|den|das|die) (?:bitte |noch |mit )*(?:dazulegen|dazugeben|hinzufugen|dazupacken|mitschicken|erganzen)\b"
    r"|\b(?:l'|la |le |les )(?:r?ajouter|mettre avec)\b|\br?ajoutez-l(?:a|e|es)\b|\banad\w*l[oa]s?\b|\baggiunge\w*l[oaie]\b|\b(?:hem|het|ze|die|dat) (?:er ?)?(?:bij ?doen|bij ?stoppen|toevoegen)\b|\bacrescent\w+-?l?[oa]s?\b"
)


def add_it(here: Sentence) -> None:
    """'I forgot the tea strainer! Can you add it?': what was only named right before is wanted; a person says so."""
    last = here.last_before
    if here.mentions or last is None or not last.seen or last.removes or len(last.skus) != 1:
        return
    if not _ADD_IT.search(here.text) or cues.WITHOUT.search(here.text):
        return
    if last.sentence < here.parts[0].sentence - 2:
        return
    last.seen, last.confidence = False, min(last.confidence, 0.75)


def take_last_back(here: Sentence) -> None:
    """'Uy, quitad lo último': the line that stands last goes; a person says so."""
    if here.mentions or cues.TAKE_LAST_BACK.search(here.low, here.parts[0].start, here.parts[-1].end) is None:
        return
    wanted = [s for s in here.scene.statements if not (s.seen or s.removes)][-1:]
    for statement in wanted:
        statement.removes, statement.corrects = True, True
        statement.confidence = min(statement.confidence, 0.78)


def preferred(here: Sentence, new: list[Statement]) -> None:
    """'Finally I'd rather have the pine one': the like of it, named before, is not wanted any more.

    In the same sentence that is certain; of two sentences a person says it.
    """
    match = cues.LIKED_BETTER.search(here.text)
    if match is None or swap_middle(here.text) is not None:
        return
    at = here.parts[0].start + match.start()
    single = [m for m in here.mentions if len(m.skus) == 1 and here.tokens[m.first].start >= at]
    if not single:
        return
    sku, begin = single[0].skus[0], here.tokens[single[0].first].start
    better = next((s for s in new if s.skus == (sku,) and s.end > begin), None)
    before = [s for s in new if s.end <= at] or here.scene.statements[-6:]
    wanted = [s for s in before if len(s.skus) == 1 and not (s.seen or s.removes)]
    wanted = [s for s in wanted if _alike(here, sku, s.skus[0])]
    old = wanted[-1] if wanted else _of_the_thread(here, sku)
    if old is None or old.skus == (sku,):
        return
    if better is None:
        token, last = here.tokens[single[0].first], here.tokens[single[0].last]
        better = Statement((sku,), None, token.start, last.end, single[0].confidence, "noun-from-neighbour", here.parts[0].sentence)  # fmt: skip
        new.append(better)
    if better.quantity is None or better.implied:
        better.quantity, better.implied = old.quantity, old.implied
    better.seen, better.removes, better.said, old.removes = False, False, True, True
    better.confidence = min(better.confidence, 0.88 if old in new else 0.78)


def _of_the_thread(here: Sentence, sku: str) -> Statement | None:
    """The one product of the order so far that is like a preferred one; it is taken back with what is returned."""
    alike = [one for one in here.scene.known if one != sku and _alike(here, sku, one)]
    if len(alike) != 1 or sku in here.scene.known:
        return None
    here_ = here.parts[0]
    old = Statement(
        (alike[0],),
        here.scene.known[alike[0]],
        here_.start,
        here_.end,
        0.78,
        "preferred-another",
        here_.sentence,
    )
    here.scene.statements.append(old)
    return old


def _alike(here: Sentence, one: str, other: str) -> bool:
    """Whether two products are called by the same word, colours, sizes and measures aside."""
    keys = keys_of(here.scene.catalogue, (one, other))
    return any(not is_attribute(key) for key in keys[one] & keys[other])


def replace_old(here: Sentence, new: list[Statement], replaced: list[Statement]) -> None:
    """'3 red mugs instead of 2 blue ones' takes the blue ones back; 'statt 2 rote Tassen 3' counts them anew."""
    free = [a for a in here.amounts if not a.used and not a.old and not a.article]
    for statement in replaced:
        if len(free) == 1 and free[0].count:
            free[0].used = True
            statement.quantity, statement.said, statement.rule = free[0].count, True, "new-number"
            statement.corrects = True
        elif any(s.said for s in new if s is not statement):
            statement.removes = True
        else:
            statement.seen = True


# "… or green if you have run out": what stands in only if need be is none of the wish.
_IF_GONE = re.compile(
    r"[^.;!?\n]{0,24}\b(?:if (?:you(?:'ve| have|'re| are) (?:run |sold )?out|(?:they|it|those|that)(?:'re| are|'s| is)? (?:sold |run )?out|not|out of stock|need be|necessary)|(?:falls|wenn|sollte\w*) [^.;!?\n]{0,20}(?:nicht|aus|weg|vergriffen|ausverkauft)"
    r"|s(?:i|') ?(?:vous |il |elles? |ils )?(?:n')?(?:en |y )?(?:avez |a )?(?:n'en avez )?(?:plus|pas|rupture)|si (?:ya )?no (?:ha\w+|queda\w*|tien\w+)|se (?:nao|non) (?:houver|tiver\w*|ce|ci|avete)|als (?:\w+ )?(?:op|uitverkocht|niet)\b|als [^.;!?\n]{0,16}(?:op|uitverkocht) )"
)


def either_or(here: Sentence, new: list[Statement]) -> None:
    """'The blue mug or the red one': one of them, and nobody knows which."""
    words = _OR.get(here.scene.language, frozenset({"or"}))
    wanted = [s for s in new if not s.seen and not s.removes and s.skus]
    for left, right in itertools.pairwise(wanted):
        between = here.low[left.end : right.start].split()
        if 0 < len(between) <= 3 and words & set(between) and set(left.skus) != set(right.skus):
            if _IF_GONE.match(here.low, right.end):
                right.seen, left.confidence = True, min(left.confidence, 0.85)
                continue
            right.skus = tuple(dict.fromkeys((*left.skus, *right.skus)))
            right.quantity = left.quantity if left.quantity == right.quantity else None
            right.start, right.rule, left.seen = left.start, "one-or-the-other", True


def hand_over(here: Sentence, new: list[Statement]) -> None:
    """'I meant red mugs, not green': the red ones take over how many green ones were wanted."""
    gone = [s for s in new if s.removes and len(s.skus) == 1]
    open_ = [
        s
        for s in new
        if not (s.removes or s.said)
        and len(s.skus) == 1
        and (s.quantity is None or s.implied)
        and (here.corrects or not (s.seen or s.implied))
    ]
    if len(gone) == 1 and len(open_) > 1:
        open_ = [s for s in open_ if _alike(here, gone[0].skus[0], s.skus[0])]
    if len(gone) == 1 and len(open_) == 1:
        before = [s for s in here.scene.statements if s.skus == gone[0].skus and not s.seen and s.quantity]
        wanted = before[-1].quantity if before else here.scene.known.get(gone[0].skus[0])
        if wanted:
            open_[0].quantity, open_[0].confidence = wanted, min(open_[0].confidence, 0.82)
            open_[0].said, open_[0].seen = True, False
