"""Cuts a text into clauses and says of each whether it orders, asks, tells of the past, or takes something back."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from checkout_desk.reading import cues
from checkout_desk.reading.billing import BILLED
from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick
from checkout_desk.reading.places import SIZE_AT_END

Mood = Literal["order", "plain", "ask", "past", "tentative"]

_BULLET = re.compile(
    r"[ >]{0,6}(?:[-*+•·‣▪–○●◦■□✓→・]|\(?\d{1,2}[.)](?=[ ]?[^\d\s]|[ ]\d{1,4}[ ]?(?:x|\*|×)[ ]?[^\d\s])|[a-h]\))[ ]{0,4}"
)
_INDEX = re.compile(
    r"[ >]{0,6}(?:\(?\d{1,2}[.)](?=[ ]?[^\d\s]|[ ]\d{1,4}[ ]?(?:x|\*|×)[ ]?[^\d\s])|[a-h]\))[ ]{0,4}"
)
_ENDING = re.compile(
    r"!+(?=[\s\"')]|$)(?![\"')]* ?[,/:x*=|-][ \d])|[?。！？…]+(?=[\s\"')]|$)|(?<![ .])\.+(?=\s|$)|(?<= )\.{1,3}(?=\s|$)|[。!?](?=[^\s])|;"
)
_ABBREVIATED = quick(
    r"(?:^|[\s(/])(?:st|nr|no|ca|z\.b|tel|ud|uds|pcs|pc|nos|pces|stck|stk|str|co|mr|mrs|ms|dr|approx|inc|ltd|art|bzw|inkl|usw|etc|vs|p|e\.g|i\.e|num|av|avda|ave|rd|apt|apto|dpt|sr|sra|srta|dra|dott|sig|prof|ing|c|d|min|max|ref|qty|pz|sz|pck|pkt|pkg|pckg|btl|ktn|krt|fl|gr|x|[a-z])$"
)
_MEASURED = re.compile(r"\d ?(?:l|m|g|w|v|kg|ml|cl|cm|mm)$")
_BREAK = quick(
    r",(?=\s)|[()]|\blike (?=the ones?\b)|:(?=\s)| - |\b(?:but|aber|sondern|mais|pero|sino|however)\b"
    r"|\bma (?=(?:non|no|senza|solo|soltanto|anche|invece|niente|vorre\w+|preferi\w+|per|con|in|se|mi|ci|il|lo|la|i|gli|le|un|una)\b)"
    r"|(?<=[a-z ])\b(?:and|und|et|y|e|en) (?=(?:now |would |want |need |mochten? |hatten? |brauchen? |nehmen? |bestellen? |voudrai[st]|souhait|quisiera |i |i.ll |we |please |jetzt |nun |bitte |ich |je |il (?:nous |me |m'en |en )?(?:faut|faudrait)|maintenant |ahora |quiero |adesso |vorrei |nu |do |does |is |are |what|how|when|where|which|can you|could you tell|haben sie|was |wie |wann |avez|combien|quand|est-ce|quel|tienen|cuant|cuando|hay |tem |quanto|quando|avete|hebben jullie|hoeveel|wanneer|wat ))"
    r"|(?<=[a-z ])\b(?:so|therefore|hence|daher|deshalb|darum|donc|alors|quindi|percio|por eso|asi que|por isso|portanto|dus|daarom) (?=(?:please|need|want|would|can|could|may|i'd|i'll|we'd|we'll|i|we|send|bitte|brauch\w*|hatten?|mocht\w*|nehm\w*|bestell\w*|je|nous|il (?:nous |me |m'en )?fau\w+|merci|pourr\w*|mand\w+|envi\w+|por favor|quier\w*|quer\w*|necesit\w*|precis\w*|vorre\w*|servono|mandat\w*|graag|stuur|doe) )"
    r"|[、]"
)
_ASIDE_LAST = re.compile(r"\([^()\n]{0,80}\)[ .]*$")
_ASIDE = re.compile(r"\([^()\n]{0,40}\)")
_ASKED_ASIDE = re.compile(r"\)(?: ?(?:[x*×:=,-] ?)?(?:\d|[a-z])|[ .]*(?:\n|$))")
_RELATIVE = re.compile(
    r" (?=(?:that |which )?(?:i|we|you|my \w{2,12})(?:'ve| have| had)? (?:just |already |recently )?(?:(?:bought|ordered|got|received|sent|gave|showed|recommended|mentioned|brought|tried|tasted)\b|(?:had|have) (?:last|before|already|from)\b))"
)
_COUNTS = re.compile(r"\W*(?:\d{1,4}|a|an|one|two|three|four|five|six|ten|a dozen)\b")
_RELATIVE_WORDS = frozenset("who which where wo donde dove waar onde".split())
_TELLS = re.compile(
    r"\b(?:know|tell|say|see|find out|hear|decide|ask|advise|confirm|check|wissen|sagen|savoir|dire|saber|decir\w*|dizer|sapere|dir\w+|weten|zeggen|me|us|mir|uns|me|nos|mi|ci)\W*$|\b(?:and|und|et|y|e|en|to|on|of|in)\W*$"
)
_TAG = quick(
    r"\b(?:right|ok|okay|correct|yes|isn't it|oder|gell|ne|richtig|non|hein|n'est-ce pas|verdad|vale|no|certo|vero|toch|he|yeah|yes|possible|geht das|geht's|ginge das|klappt das|moglich|ca va|ca marche|c'est possible|es posible|puede ser|se puede|si|e possivel|pode ser|va bene|e possibile|kan dat|lukt dat|kan het|goed)\s*\?[\s!?)]*$"
)
_TOO_DEAR = re.compile(
    r"\s*(?:but|aber|mais|pero|mas|ma|maar)\b[^.!?\n]{0,40}\b(?:budget|presupuesto|orcamento|expensive|dear|pricey|teuer|cher|chere|car[oa]|duur)\b"
)
# "If the Chablis is out, 6 of the rosé instead."
_OR_ELSE = re.compile(
    r"\b(?:instead|stattdessen|ersatzweise|a la place|en su lugar|en cambio|em vez|al suo posto|in plaats daarvan)\b"
)
_SAME_AS = re.compile(
    r"\b(?:same|wie|dasselbe|gleiche|comme|meme|come|stesso|como|mismo|mesmo|zoals|hetzelfde)\b[^.;!?\n]{0,40}: ?$"
)
_OR_AT_END = re.compile(r"\b(?:or|oder|ou|o|oppure|of)[ ,]*$")
_WHICH = re.compile(
    r"\s*(?:die|der|das|den|welche\w*|que|qui|che|dat|which|that|who|o qual|a qual|(?:on|je|nous) l(?:'|es ))\b"
)
_BUT_PLEASE = re.compile(
    r"\s*(?:aber|dafur) (?:bitte|gerne?) (?:(?:auch|noch|schon|dann|wieder) )*(?:einmal)?\W*"
)
_LONG = 52
_CAP = 3_000
_LONGEST = 500


@dataclass(slots=True)
class Clause:
    """A range of the folded text with its mood. `sentence` numbers its sentence, `item` tells that it is a list item."""

    start: int
    end: int
    mood: Mood
    sentence: int
    item: bool
    polite: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A range of the folded text that is one sentence or one list item."""

    start: int
    end: int
    item: bool
    line: int


def _paragraphs(low: str) -> list[tuple[int, int, bool, int]]:
    """Stretches without a hard line break: (start, end, list item, number of its line). Wrapped lines are joined."""
    found: list[tuple[int, int, bool, int]] = []
    at = 0
    lengths: list[int] = []
    for number, line in enumerate(low.split("\n")):
        end = at + len(line)
        bullet = _BULLET.match(line)
        counts = bullet is not None and "(" in bullet[0]
        start = at + (bullet.end() if bullet and not counts else 0)
        if line.strip():
            if found and not bullet and _goes_on(low, found[-1], start, lengths[-1]):
                before = found[-1]
                found[-1] = (before[0], end, before[2], before[3])
                lengths[-1] = len(line)
            else:
                found.append((start, end, bullet is not None, number))
                lengths.append(len(line))
        else:
            lengths[-1:] = [0]
        at = end + 1
    return found


def _goes_on(low: str, before: tuple[int, int, bool, int], start: int, length: int) -> bool:
    """Whether the line that starts here continues the one before: mail programs wrap at about 72 characters."""
    if length < _LONG or low[before[1] - 1 : before[1]] in ".!?:;。" or start - before[0] > _CAP:
        return False
    return not low[start : start + 1].isdigit() or low[before[1] - 1 : before[1]] not in ","


def sentences(low: str, *, blanked: str) -> list[Sentence]:
    """The sentences and list items of a text, each within one paragraph; a dot inside what is masked ends nothing."""
    found: list[Sentence] = []
    for start, end, item, line in _paragraphs(low):
        at = start
        for match in _ENDING.finditer(blanked, start, end):
            if "?" in match[0] and _ASKED_ASIDE.match(low, match.end(), end):
                continue  # "CAP-22 (2.20 each, right?) x 30"
            if match[0] == "." and (
                (
                    _ABBREVIATED.search(blanked[max(at, match.start() - 8) : match.start()])
                    and not _MEASURED.search(low, max(at, match.start() - 8), match.start())
                    and not SIZE_AT_END.search(low[max(at, match.start() - 14) : match.start()])
                )
                or (
                    low[match.end() : match.end() + 2].strip().isdigit()
                    and low[match.start() - 1 : match.start()].isdigit()
                )
            ):
                continue
            if low[at : match.end()].strip():
                found.append(Sentence(at, match.end(), item, line))
            at = match.end()
        if low[at:end].strip():
            found.append(Sentence(at, end, item, line))
    return [part for sentence in found for part in _shortened(low, sentence)]


def _shortened(low: str, sentence: Sentence) -> list[Sentence]:
    """A sentence cut behind commas or blanks where it is longer than anybody writes: what looks around in it stays quick."""
    parts = []
    at = sentence.start
    while sentence.end - at > _LONGEST:
        cut = max(
            low.rfind(",", at + _LONGEST // 2, at + _LONGEST),
            low.rfind(" ", at + _LONGEST * 3 // 4, at + _LONGEST),
        )
        cut = at + _LONGEST if cut < 0 else cut + 1
        parts.append(Sentence(at, cut, sentence.item, sentence.line))
        at = cut
    return [*parts, Sentence(at, sentence.end, sentence.item, sentence.line)]


def _mood(text: str, *, question: bool) -> tuple[Mood, bool]:
    """The mood of a clause by its own words, and whether it is a request in the form of a question."""
    if not text or text.isspace():
        return "plain", False
    if cues.IF_THERE.search(text) and "?" not in text and not cues.ASK_STRICT.search(text):
        return "order", False
    if cues.CONDITION.match(text) and not cues.IF_I_MAY.match(text):
        return "tentative", False
    if cues.TENTATIVE.search(text):
        return "tentative", False
    if cues.DISPUTE.search(text) or cues.PAID.search(text):
        return "past", False
    if _polite(text):
        return "order", True
    past = cues.PAST.search(text)
    if past:
        wished = cues.WISH.search(text, past.end()) or cues.INTENT.search(text)
        return ("order" if wished else "past"), False
    if cues.DOCUMENT.search(text):
        return "ask", False
    asked = cues.ASK.search(text)
    if asked and not _relative(text, asked):
        return "ask", False
    if question:
        return "ask", False
    if cues.ORDER.search(text):
        return "order", False
    return "plain", False


def _relative(text: str, asked: re.Match[str]) -> bool:
    """Whether the only word that asks leads a clause about a noun: 'a pen for my grandson who finishes in May'."""
    before = text[: asked.start()]
    if asked[0] not in _RELATIVE_WORDS or "?" in text:
        return False
    counted = asked[0] in ("who", "wo", "donde") and re.search(
        r"\b(?:a|an|two|three|four|ein\w?|zwei|drei|una?|dos|tres|\d+) ", before
    )
    if not (cues.ORDER.search(before) or counted):
        return False
    return _TELLS.search(before) is None and cues.ASK.search(text, asked.end()) is None


def _speaks(text: str) -> bool:
    """Whether words in brackets have a mood of their own: '(not the red one)'."""
    if cues.CONDITION.match(text, 1):
        return True
    return any(cue.search(text) for cue in (cues.WITHOUT, cues.PAST, cues.ASK, cues.TENTATIVE, cues.ORDER))


def _confirms(text: str) -> bool:
    """Whether a sentence that says what is wanted only ends like a question: 'I want the hoodie, L should be ok, right?'"""
    wants = cues.ORDER.search(text)
    return (
        wants is not None and _TAG.search(text) is not None and cues.ASK.search(text, wants.start()) is None
    )


@lru_cache(maxsize=64)  # asked of a sentence and of its only clause
def _polite(text: str) -> bool:
    """Whether a text asks for goods in the form of a question: 'could you send me'."""
    acts = (cues.POLITE_ACT, cues.FROM_TO, cues.SWAP, cues.SWAP_BEHIND)
    asks = cues.POLITE.search(text) is not None and any(act.search(text) for act in acts)
    asks = asks or (cues.SHOULD_BE.search(text) is not None and cues.MAY_BE.search(text) is not None)
    return asks and not any(
        cue.search(text) for cue in (cues.DOCUMENT, cues.ASK_STRICT, cues.PAST, cues.TENTATIVE)
    )


def clauses(low: str, *, blanked: str) -> list[Clause]:
    """The clauses of a text in order. `blanked` is the same text with what is masked blanked out."""
    found: list[Clause] = []
    for number, sentence in enumerate(sentences(low, blanked=blanked)):
        text = low[sentence.start : sentence.end]
        question = ("?" in _ASIDE_LAST.sub("", text)[-4:] or text.lstrip().startswith("¿")) and not _confirms(
            text
        )
        cuts = [sentence.start]
        aside = {i for m in _ASIDE.finditer(blanked, sentence.start, sentence.end) if not _speaks(m[0])
                 for i in (range(*m.span()) if "?" in m[0] else (m.start(), m.end() - 1))}  # fmt: skip
        for match in _BREAK.finditer(blanked, sentence.start, sentence.end):
            if match.start() in aside:
                continue
            if match.end() - cuts[-1] > 1 and not _within_number(low, match):
                cuts.append(match.start() if match[0][0].isalpha() else match.end())
        told: set[int] = set()
        for match in _RELATIVE.finditer(blanked, sentence.start, sentence.end):
            before = max(cut for cut in cuts if cut <= match.start())
            wanted = cues.ORDER.search(blanked[before : match.start()]) or _COUNTS.match(blanked, before)
            if wanted and match.start() > before:
                cuts.append(match.start())  # "please send 2 mugs to match the tray | I bought in May"
                told.add(match.start())
        cuts = [*sorted(cuts), sentence.end]
        mood: Mood = "plain"
        outer: Mood = "plain"
        returned = cues.RETURN.search(blanked[sentence.start : sentence.end]) is not None
        if returned and cues.SWAP.search(text) and _polite(text):
            returned = False  # "could you exchange the fig candle for the lavender one": before it was sent
        billed = BILLED.search(low, sentence.start, sentence.end)
        parts: list[Clause] = []
        whole = question and _polite(blanked[sentence.start : sentence.end])
        outside: Mood | None = None
        for start, end in itertools.pairwise(cuts):
            if blanked[start - 1 : start] == "(" and parts:
                outside = parts[-1].mood
            elif blanked[start - 1 : start] == ")" and outside is not None:
                mood, outside = outside, None  # what brackets ask or tell ends with them
            if parts and parts[-1].start in told and len(parts) > 1:
                mood = parts[
                    -2
                ].mood  # "… I had last time, also one of the chains": what was told ends with it
            own, polite = _mood(blanked[start:end], question=False)
            if blanked[start - 1 : start] == "(":
                outer = mood
            elif parts and mood == "ask" and blanked[start - 1 : start] == ")":
                mood = (
                    outer  # "4 boxes of pins (which ones did I have?) and 2 scissors": an aside asks, no more
                )
            if returned or (billed and (own != "order" or (start < billed.end() and billed.start() < end))):
                own, polite = "past", False
            elif whole and own == "plain":
                own, polite = "order", True
            if own == "plain" and mood == "past" and _SAME_AS.search(blanked, parts[-1].start, start):
                mood = "order"  # "same as last spring: 2 Earl Grey and a strainer"
            if own == "plain" and parts:
                fallback = mood == "tentative" and _OR_ELSE.search(blanked, start, end) is not None
                # "four blue mugs or, if there are none left, the same in green"
                fallback = fallback or (
                    mood == "tentative"
                    and _OR_AT_END.search(blanked, parts[0].start, parts[-1].start) is not None
                )
                held = fallback or (
                    blanked[parts[-1].start - 1 : parts[-1].start] == "(" and ")" in blanked[start:end]
                )
                own, polite = (mood if mood != "tentative" or held else "plain"), parts[-1].polite
            if (
                own == "order"
                and parts
                and mood == "tentative"
                and _doubts(low[parts[-1].start : parts[-1].end])
                and not cues.RESTART.search(low[start:end])
            ):
                own = "tentative"
            mood = own
            told_of = len(parts) > 1 and parts[-2].mood == parts[-1].mood == "past"
            if told_of and _BUT_PLEASE.fullmatch(blanked, start, end):
                parts[-1].mood = "order"  # "the front light I still have | the rear one | but please as well"
            if own == "past" and parts and parts[-1].mood == "plain" and _WHICH.match(blanked, start):
                parts[-1].mood = "past"  # "the can | that I bought in May | is great"
            if parts and parts[-1].mood == "plain" and _TOO_DEAR.match(blanked, start, end):
                parts[-1].mood = "tentative"  # "2 kettles would be lovely | but out of my budget"
            parts.append(Clause(start, end, own, number, sentence.item, polite, sentence.line))
        if question and not any(part.polite for part in parts):
            asking = [part.mood == "ask" for part in parts]
            for at, part in enumerate(parts):
                if (
                    part.mood == "order"
                    and any(asking[at + 1 :])
                    and blanked[part.end - 3 : part.end] == " - "
                ):
                    continue  # "3 bags of soil and a 20 m hose - is the 30 m one much dearer?"
                begged = cues.BEGGING.search(text) and not cues.ASK_STRICT.search(text)
                if part.mood == "plain" or (part.mood == "order" and not begged):
                    part.mood = "ask"
        found += parts
    return found


def _doubts(text: str) -> bool:
    """Whether a clause is tentative by a verb such as 'I am thinking about', which reaches into the next clause."""
    return cues.CONDITION.match(text) is None


def _within_number(low: str, match: re.Match[str]) -> bool:
    return (
        low[match.start()] in ",:"
        and low[match.end() : match.end() + 1].isdigit()
        and low[match.start() - 1].isdigit()
    )


def list_numbers(low: str) -> list[Span]:
    """Where lines begin with '1.' or 'a)': these count the lines, nothing else. '(6)' does only where the lines before say 5."""
    found, at, before = [], 0, 0
    for line in low.split("\n"):
        if match := _INDEX.match(line):
            digits = "".join(c for c in match[0] if c.isdigit())
            alone = digits == "1" and "(2)" not in low[at : at + 400]  # "(1) spirit level": counts it
            if "(" not in match[0] or (int(digits or 0) == before + 1 and not alone):
                found.append((at, at + match.end()))
                before = int(digits or 0)
        elif line.strip():
            before = 0
        at += len(line) + 1
    return found
