"""What keeps a line from counting as said by the customer: words around it that were not understood and could change it.

None of these signs changes what was read. They only take a line below the bar, so that a person looks at it: one line that
is wrong in silence is worse than ten that ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.sentence import Sentence, common

_DOUBT = 0.75
# "unless you have them in blue", "otherwise the red one": what is wanted hangs on something that the shop must look up.
_HANGS = re.compile(
    r"\b(?:unless|otherwise|failing that|only if|or else|depending on|sonst|andernfalls|ansonsten|je nachdem|(?:falls|wenn) nicht|nur (?:wenn|falls)|sinon|sauf si|a moins que?|selon (?:que|si)"
    r"|de lo contrario|a menos que|salvo que|si no (?:hay|tienen|queda\w*|es|esta)|altrimenti|a meno che|se non (?:c'e|ci sono|avete)|se nao (?:tiver\w*|houver)|caso contrario|tenzij|zo niet|als (?:het|dat) niet)\b|なければ|ない場合"
)
# "two for each guest", "je Person eine": nobody said of how many.
_WHO = (
    r"(?:persons?|heads?|guests?|tables?|rooms?|child|children|classrooms?|class(?:es)?|teams?|visitors?|teachers?|kids?|pupils?|students?|members?|colleagues?|employees?|boys?|girls?|nieces?|nephews?|of (?:us|them|you|my|our|the (?:kids|children|guests|rooms))"
    r"|kopf|gast|gaste|tisch|zimmer|kinder|kind|klassen?|lehrer\w*|teilnehmer\w*|person|mitarbeiter\w*|schuler\w*|personne|tete|invites?|enfants?|eleves?|salaries?|persona|cabeza|invitado|mesa|nino|nina|alumno|pessoa|crianca|convidado|aluno|testa|ospite|bambino|alunno|persoon|gast|tafel|kamer|leerling|medewerker)"
)
_SHARED_OUT = re.compile(
    rf"\b(?:(?:for |to |fur |pour |para |por |per |voor )?(?:each|every|jede\w?|chaque|cada|ogni|elke?|iedere?) (?:single |einzelne\w? |(?:one )?of (?:the|our|my|these) (?:\d{{1,3}} |[a-z]{{3,8}} )?)?|(?:per|pro|por|par|je) ){_WHO}\b|一人に?つき|人数分"
)
_HARMLESS = re.compile(
    r"\b(?:no|keine?|pas de|sin|sem|senza|geen|non c'e) (?:rush|hurry|problem|worries|eile|problem|stress|souci|probleme|prisa|problema|pressa|fretta|haast|probleem|need to (?:gift|wrap|ring|call))"
    r"|\b(?:don'?t|do not|nicht|ne|no|nao|non|niet) (?:se |vous )?(?:forget|worry|hesitate|vergessen|hesit\w*|oubli\w*|olvid\w*|esquec\w*|dimentic\w*|vergeten|mind|know|ring|call|leave it|need a (?:bag|receipt|invoice))|\bif not\b|\bnot (?:only|urgent|sure if)\b|\bno later than\b|\bnicht (?:nur|spater|zu|so)\b|\bn'est pas (?:urgent|presse)|\bno es urgente"
)


def weigh(here: Sentence, new: Sequence[Statement]) -> None:
    """Take the lines of one sentence below the bar where the sentence says more than was understood."""
    if not new and _HANGS.search(here.text):
        _hangs_on_the_last(here)
    _share_out(here, new)
    sure = [s for s in new if _certain(s)]
    if not sure:
        return
    if _HANGS.search(here.text):
        _doubt(sure)
    if only := _BUT_ONLY.search(here.text):
        at = here.parts[0].start + only.start()
        _doubt(s for s in sure if s.end <= at and not s.said)
    _unheard_refusal(here, new, sure)
    _unheard_slip(here, new, sure)
    for statement in sure:
        if _without_head(here, statement):
            statement.confidence = min(statement.confidence, _DOUBT)
        if _number_behind(here, statement) or _between_two(here, statement):
            statement.confidence = min(statement.confidence, _DOUBT)
        if _fraction_before(here, statement) or _number_of_name(here, statement):
            statement.confidence = min(statement.confidence, 0.7)


def _share_out(here: Sentence, new: Sequence[Statement]) -> None:
    """'One blue pen per pupil': so many times the pupils that the mail tells of, which a person looks at; else nobody knows."""
    ordered = [s for s in new if s.skus and not (s.seen or s.removes)]
    if not ordered:
        return
    text = here.low[here.parts[0].start : here.parts[-1].end]
    places = [(match, False) for match in _SHARED_OUT.finditer(text) if not _explains(here, match)]
    somebody = _ANYBODY.search(text) is not None
    places += [
        (match, True) for match in _EACH_ONE.finditer(text) if somebody or _heads(here, "", anybody=True)
    ]
    done: list[Statement] = []
    for shared, anybody in places:
        heads = _heads(here, shared[0], anybody=anybody)
        for statement in ordered:
            listed = here.low.find("\n", statement.end) == statement.end
            if statement in done or listed or not _nearest(here, statement, ordered, shared):
                continue
            each = statement.quantity
            statement.quantity = heads * each if heads and each else None
            statement.confidence = min(statement.confidence, 0.7)
            done.append(statement)


_EACH_ONE = re.compile(
    rf"(?<!of )\b(?:each(?! of)|apiece|jeweils|je|chacune?s?|cada un[oa]?|ciascun[oa]|ognuno|elk|ieder)\b(?= ?(?:[.,;!)]|$|(?:and|und|et|y|e|en|for|fur|pour|para|per|voor|please|bitte|svp|por favor|graag)\b))|\bje (?=ein|zwei|drei|\d)(?!\w+ {_WHO})"
)
_COUNTED = re.compile(rf"\b(?P<count>\d{{1,4}}|[a-z]{{2,12}})(?: [^\W\d]+)? (?P<who>{_WHO}\w{{0,3}})\b")
_WE_ARE = re.compile(
    r"\b(?:we are|we're|we will be|there (?:are|will be)|wir sind|nous (?:sommes|serons)|on (?:est|sera)|somos|seremos|siamo|saremo|we zijn met)"
    r"(?: about| around| etwa| zu| environ| in)? (?P<count>\d{1,4}|[a-z]{2,12})\b"
)


_ANYBODY = re.compile(rf"\b{_WHO}\b")


def _heads(here: Sentence, shared: str, *, anybody: bool) -> int | None:
    """Of how many people 'one per pupil' tells, where the mail says that once: 'for 25 pupils'. None where nobody knows."""
    numbers = lexicon.NUMBERS_OF.get(here.scene.language, {}) | lexicon.TENS
    text = here.scene.canon.low[:8_000]
    whom = "" if anybody else shared.rsplit(maxsplit=1)[-1][:4]
    told = [m["count"] for m in _COUNTED.finditer(text) if anybody or m["who"][:4] == whom]
    told += [m["count"] for m in _WE_ARE.finditer(text)]
    found = {int(one) if one.isdigit() else numbers.get(one, 0) for one in told} - {0, 1}
    return found.pop() if len(found) == 1 else None


# "I'd love the red ones too, but just the 2 blue for now": a wish that was given up.
_BUT_ONLY = re.compile(
    r"\b(?:but|aber|mais|pero|mas|ma|maar)\b[^.!?\n]{0,14}\b(?:just|only|nur|erstmal|seulement|juste|solo|solamente|soltanto|apenas|alleen|slechts)\b"
)


def _nearest(here: Sentence, statement: Statement, sure: Sequence[Statement], shared: re.Match[str]) -> bool:
    """Whether it is this product that is shared out: the last one before the words, or the only one."""
    at = here.parts[0].start + shared.start()
    before = [s for s in sure if s.end <= at]
    if not before or statement is before[-1]:
        return True
    between = here.low[statement.end : before[-1].start].split()
    return len(between) <= 2 and any(
        word in lexicon.CONJUNCTIONS for word in between
    )  # "for each of them we need a mouse and a keyboard"


def _certain(statement: Statement) -> bool:
    return bool(statement.skus) and not (statement.seen or statement.removes or statement.weak)


def _doubt(statements: Iterable[Statement]) -> None:
    for statement in statements:
        statement.confidence = min(statement.confidence, _DOUBT)


def _explains(here: Sentence, shared: re.Match[str]) -> bool:
    """'10 candles (one per table)': how many in all was said before, and once more for one of them."""
    at = here.parts[0].start + shared.start()
    near = [a for a in here.amounts if 0 <= at - here.tokens[a.last].end <= 2]
    return any(
        here.low[max(0, here.tokens[a.first].start - 3) : here.tokens[a.first].start].rstrip()[-1:]
        in ("(", ",", "-", "=")
        for a in near
    )


def _unheard_refusal(here: Sentence, new: Sequence[Statement], sure: Sequence[Statement]) -> None:
    """'The olive board I don't want any more': a refusal behind a product that took nothing back may mean just that."""
    if any(s.removes or s.relative for s in new) or here.corrects:
        return
    start = here.parts[0].start
    for match in cues.WITHOUT.finditer(here.text):
        if _HARMLESS.search(here.text, max(0, match.start() - 12), min(len(here.text), match.end() + 24)):
            continue
        at = start + match.start()
        before = [s for s in sure if s.end <= at]
        behind = [s for s in new if s.start >= at]
        if before and not behind:
            _doubt(before[-1:])


def _unheard_slip(here: Sentence, new: Sequence[Statement], sure: Sequence[Statement]) -> None:
    """'2 mugs, no wait, the tall ones': a slip behind a product after which nothing was understood."""
    last = sure[-1]
    slip = cues.FALSE_START.search(here.low, last.end, here.tokens[-1].end)
    if slip and not any(s.start >= slip.start() for s in new):
        _doubt([last])


# "One of the blue balls": in a thread it may be one more, one less, or all that is left.
_PART_OF = re.compile(
    r"\w+ (?:of|von|der|de|di|van) (?:the|my|den|meinen|las|los|mis|les|mes|dei|delle|dos|das|mijn)\b"
)


def _fraction_before(here: Sentence, statement: Statement) -> bool:
    """'Almost a dozen', 'two and a half dozen': a word that nobody knows changes what stands right behind it."""
    for amount in here.amounts:
        word = here.tokens[amount.last].low
        if not amount.used or word not in lexicon.DOZENS or not amount.first:
            continue
        if statement.start > here.tokens[amount.first].start or statement.end < here.tokens[amount.last].end:
            continue
        before = here.tokens[amount.first - 1]
        known = (
            before.kind != "word"
            or common(before.low)
            or any(c.fullmatch(before.low) for c in (cues.ORDER, cues.ADDITION))
        )
        if not known or before.low in lexicon.HALVES:
            return True
    return False


def _number_behind(here: Sentence, statement: Statement) -> bool:
    """'I'd love the story, book 2 please': a number that only follows a word, amid a sentence, may be part of a name."""
    if not (statement.said and statement.rule.startswith("part-of-name")) or here.parts[0].item:
        return False
    for amount in here.amounts:
        first, last = here.tokens[amount.first], here.tokens[amount.last]
        if (
            amount.used
            and first.low.isdigit()
            and last.end == statement.end
            and first.start > statement.start
        ):
            before = here.tokens[amount.first - 1]
            alone = here.tokens[-1].end == last.end and here.tokens[0].start == statement.start
            return before.kind == "word" and before.low not in lexicon.UNITS and not alone
    return False


def _between_two(here: Sentence, statement: Statement) -> bool:
    """'Kettle 2 mugs 6 trays': a number right between two products may count either of them. '3) honey' counts lines."""
    for amount in here.amounts:
        start = here.tokens[amount.first].start
        if not (amount.used and start == statement.start) or amount.article:
            continue
        after = here.tokens[amount.last + 1].low if amount.last + 1 < len(here.tokens) else ""
        if after == ")" and (not amount.first or here.tokens[amount.first - 1].low != "("):
            return True
        at = amount.first - 1
        while at >= 0 and (
            here.tokens[at].low in lexicon.UNITS or here.tokens[at].low in (":", "-", "*", "x", ".", "|", "`")
        ):
            at -= 1
        named = any(m.skus and m.first <= at <= m.last for m in here.mentions)
        if named and any(m.skus and m.first > amount.last for m in here.mentions):
            return True
    return False


def weigh_list(scene: Scene) -> None:
    """Lines that begin with 1, 2, 3 may be numbered, not counted."""
    low = scene.canon.low
    lines = [
        s
        for s in scene.statements
        if s.said and s.skus and not s.seen and ("\n" + low[max(0, s.start - 6) : s.start]).rstrip(" \t-*")[-1:] == "\n"
        and low[s.start : s.start + 1].isdigit()
    ]  # fmt: skip
    if len(lines) >= 3 and [s.quantity for s in lines] == list(range(1, len(lines) + 1)):
        _doubt(lines)


def _without_head(here: Sentence, statement: Statement) -> bool:
    """'Something for the laptop' names no laptop stand: what an English name is about stands at its end."""
    said = {key for key in statement.keys if not is_attribute(key)}
    if statement.rule != "part-of-name" or len(said) != 1 or statement.said or here.scene.language != "en":
        return False
    catalogue = here.scene.catalogue
    found = False
    for number in catalogue.postings.get(next(iter(said)), ()):
        phrase = catalogue.phrases[number]
        if phrase.sku not in statement.skus:
            continue
        words = [key for key in phrase.keys if not is_attribute(key)]
        if not words or words[-1] in said:
            return False
        found = True
    return found


def _number_of_name(here: Sentence, statement: Statement) -> bool:
    """'6 steps' where one ladder has six of them: the number may tell which, not how many."""
    if not (statement.said and statement.rule.startswith("part-of-name")):
        return False
    catalogue = here.scene.catalogue
    found = set(catalogue.postings.get(f"n:{statement.quantity}", ()))
    for key in statement.keys:
        found &= catalogue.postings.get(key, set())
    return any(catalogue.phrases[number].sku not in statement.skus for number in found)


def _hangs_on_the_last(here: Sentence) -> None:
    """'If there is one left, just that one, otherwise two': said behind the product, it leaves open how many."""
    last = here.scene.last
    if last is None or last.removes or last.sentence < here.parts[0].sentence - 2:
        return
    last.confidence = min(last.confidence, 0.7)
    if sum(1 for a in here.amounts if a.count) > 1:
        last.quantity = None


def weigh_thread(scene: Scene) -> None:
    """In a thread that has an order, a product of it that is named again is certain only where a change is said."""
    for statement in scene.statements:
        if not _certain(statement) or len(statement.skus) != 1 or statement.skus[0] not in scene.known:
            continue
        if not statement.said or statement.quantity is None:
            statement.confidence = min(statement.confidence, 0.7)
        elif (not statement.relative and _PART_OF.match(scene.canon.low, statement.start)) or not (
            statement.corrects or statement.additive or statement.relative
        ):
            statement.confidence = min(statement.confidence, _DOUBT)
