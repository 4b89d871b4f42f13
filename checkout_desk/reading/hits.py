"""Single words that stand in products' names: exactly, in another form, joined, split, or with a slip of the pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.catalogue import Catalogue, is_attribute
from checkout_desk.reading.languages import COMMON
from checkout_desk.reading.tokens import Token, word_key

_CUES = (cues.WITHOUT, cues.ADDITION, cues.CORRECTION, cues.ORDER, cues.STAYS)
_ENDINGS = frozenset(
    "s es e n en er ern em nen ns a i o x se ne nes le les re je jes tje tjes ies y".split()
) | {""}
_SHORT_ENDINGS = frozenset(("", "s", "n", "e", "es", "en"))
_JOINERS = frozenset(
    "for and or with und et y e mit avec con com fur pour para por per met voor en oder ou of aus from".split()
)
OF = frozenset("of de d' di von van do da".split())
_COUNTED_OUT = frozenset("of each de von van di per pro je for fur pour para por".split())
_SKIPPED_SIGNS = frozenset("-/\"'()&.*™®°º№#")


@dataclass(slots=True)
class Hit:
    """A token that stands in some product's name: the keys it may stand for, and whether it had to be corrected.

    `only` are the phrases in which its word stands, where another word has the same stem: staples are no stapler.
    `ending` tells that only the end of a longer word was written, `loose` that it may be a word of another language:
    French "table", Spanish "tabla". `clear` tells that a corrected word is long and begins as the right one does.
    """

    at: int
    keys: tuple[str, ...]
    fuzzy: bool = False
    span: int = 1
    only: frozenset[int] | None = None
    ending: bool = False
    loose: bool = False
    clear: bool = False


def packs(tokens: Sequence[Token], i: int) -> bool:
    """Whether a plural such as "packs" counts the goods named right behind it: '10 packs copy paper'."""
    after = tokens[i + 1]
    counts = tokens[i].low in lexicon.PACKS or tokens[i].low in lexicon.PIECES
    return counts and after.kind == "word" and after.low not in lexicon.STOP


def phrases_of(catalogue: Catalogue, hit: Hit) -> set[int]:
    """The numbers of the phrases that have the word of a hit."""
    if hit.only is not None:
        return set(hit.only)
    if len(hit.keys) == 1:
        return catalogue.postings.get(hit.keys[0], set())
    if hit.fuzzy:
        return set().union(*(catalogue.postings.get(key, set()) for key in hit.keys))
    found = set(catalogue.postings.get(hit.keys[0], set()))
    for key in hit.keys[1:]:
        found &= catalogue.postings.get(key, set())
    return found


def find_hit(catalogue: Catalogue, tokens: Sequence[Token], i: int) -> Hit | None:
    """What token `i` can stand for in the catalogue; None for a word that is in no product's name."""
    token = tokens[i]
    if (token.masked and not token.soft) or token.kind in ("sign", "east"):
        return None
    if (
        token.kind == "number"
        and token.low.isalpha()
        and i + 1 < len(tokens)
        and tokens[i + 1].low in _COUNTED_OUT
    ):
        return None  # "two fox family books (one of each)"
    if token.kind in ("number", "measure"):
        return Hit(i, (token.key,)) if token.key in catalogue.postings else None
    if token.low == "rest" and i and tokens[i - 1].low in ("the", "der", "den", "de", "le", "dem"):
        return None  # "der Rest passt so" is no spoon rest
    if token.low in lexicon.HALVES and i > 1 and tokens[i - 2].low in lexicon.DOZENS:
        return None  # "una docena y media": no size
    if is_attribute(token.key):
        return Hit(i, (token.key,))
    if token.low == "x" and not (
        i and _times_in_name(catalogue, tokens[i - 1])
    ):  # "planner x 2", not "M8 x 40"
        return None
    if hung := _hanging(catalogue, tokens, i):
        return Hit(i, (word_key(hung),), span=2)
    if token.low in lexicon.STOP or token.low in lexicon.SIZE_WORDS or token.low.endswith("'"):
        return None
    if parts := _in_two(catalogue, tokens, i):
        return parts
    kin = kinship(token.low, catalogue.spelt[token.key]) if token.key in catalogue.postings else 0
    same = kin == 2 and token.low in catalogue.spelt[token.key]
    if kin and not same and _is_cue(token.low):
        kin = 0  # "could you post me" names no poster
    if kin and (token.low in COMMON or token.low in lexicon.PRONOUNS):
        kin = 2 if token.low in catalogue.spelt[token.key] else 0
    if kin == 2 or (kin and len(token.low) < 5):
        loose = not any(grown(token.low, other) for other in catalogue.spelt[token.key])
        return Hit(i, (token.key,), loose=loose, only=_kin_only(catalogue, token.key, token.low, kin))
    if kin and (longer := catalogue.ending_in(token.low)):
        both = (token.key, *longer)
        return Hit(i, both, only=frozenset().union(*(catalogue.postings[k] for k in both)), ending=True)
    if kin:
        near = catalogue.near(token.low)
        clear = _clear_slip(catalogue, token.low, near)
        return Hit(i, tuple(dict.fromkeys((token.key, *near))), fuzzy=True, clear=clear)
    if split := catalogue.joined.get(token.key):
        return Hit(i, split)
    if (
        token.low in COMMON
        or token.low in cues.NOT_GOODS
        or token.low in lexicon.LIGHT
        or token.low in lexicon.UNITS
    ):
        return None
    if len(token.low) < 5 or _is_cue(token.low):
        return None
    for base in _singulars(token.low):
        if base in catalogue.words:
            return Hit(i, (word_key(base),))
    near = catalogue.near(token.low)
    if near:
        return Hit(i, near, fuzzy=True, clear=_clear_slip(catalogue, token.low, near))
    longer = catalogue.ending_in(token.low)
    only = frozenset().union(*(catalogue.postings[key] for key in longer)) if longer else None
    return Hit(i, longer, only=only, ending=True) if only else None


_VERBS = ("livr", "laiss", "stell", "passer", "passez")


def _in_two(catalogue: Catalogue, tokens: Sequence[Token], i: int) -> Hit | None:
    """A word of the catalogue that was written in two: 'koffie bonen', 'Gummi-Ball', 'tea pot'."""
    at = i + 1
    if at < len(tokens) - 1 and tokens[at].low == "-":
        at += 1
    if at >= len(tokens) or tokens[at].kind != "word" or tokens[at].masked:
        return None
    second = tokens[at].low
    if tokens[at].start - tokens[i].end > 2 or tokens[i].kind != "word" or len(second) < 3:
        return None
    if second in lexicon.STOP or second in lexicon.LIGHT:
        return None
    whole = tokens[i].low + second
    key = word_key(whole)
    if len(whole) < 6 or key not in catalogue.postings or is_attribute(key) or key in catalogue.joined:
        return None
    kin = kinship(whole, catalogue.spelt[key])
    # both halves are words of their own in some name: then only just this word is meant
    apart = all(tokens[n].key in catalogue.postings for n in (i, at))
    return Hit(i, (key,), span=at - i + 1) if kin and not (apart and kin < 2) else None


def _clear_slip(catalogue: Catalogue, word: str, near: Sequence[str]) -> bool:
    """Whether a long word is one slip off that of a name, two where it is very long: "Schubkaere", "canndle"."""
    allowed = 1 if len(word) < 10 else 2
    return (
        len(word) > 5
        and not word.startswith(_VERBS)
        and any(
            other[0] == word[0] and OSA.distance(word, other, score_cutoff=allowed) <= allowed
            for key in near
            for other in catalogue.spelt[key]
        )
    )


@lru_cache(maxsize=50_000)
def _is_cue(word: str) -> bool:
    """Whether a word orders, adds, corrects or takes back."""
    return any(cue.fullmatch(word) for cue in _CUES)


def _times_in_name(catalogue: Catalogue, before: Token) -> bool:
    """Whether some product's name has an x behind this token."""
    if not before.low[-1:].isdigit():
        return False
    return before.kind != "word" or bool(
        catalogue.postings.get("x", set()) & catalogue.postings.get(before.key, set())
    )


def _hanging(catalogue: Catalogue, tokens: Sequence[Token], i: int) -> str | None:
    """The whole of a German or Dutch word of which only the first half stands: 'Feigen- und Aprikosenmarmelade'."""
    if i + 3 >= len(tokens) or len(tokens[i].low) < 3 or tokens[i + 1].low != "-":
        return None
    glued = tokens[i + 1].start == tokens[i].end and tokens[i + 2].start > tokens[i + 1].end
    tied = tokens[i + 2].low in lexicon.CONJUNCTIONS or tokens[i + 2].low in ("sowie", ",")
    at = i + 3 + (tokens[i + 3].kind == "number" and i + 4 < len(tokens))
    if not (glued and tied):
        return None
    others = dict.fromkeys(
        (tokens[at].low, tokens[at].low.removesuffix("n"), tokens[at].low.removesuffix("en"))
    )
    return next((word for other in others if (word := catalogue.beginning_with(tokens[i].low, other))), None)


def _singulars(word: str) -> tuple[str, ...]:
    """What a Dutch plural or diminutive or a German dative may come from: 'dozen' from 'doos', 'balpennen', 'treintje', 'Kabeln'."""
    if word.endswith(("je", "jes")) and len(word) > 6:
        stem = word.removesuffix("s")[:-2]
        short = stem.removesuffix("t")
        return (
            stem,
            short,
            stem[:-1],
            short.removesuffix("e"),
            short[:-2] if short[-2:-1] == short[-3:-2] else short,
        )
    if word.endswith(("eln", "ern")) and len(word) > 5:
        return (word[:-1],)
    if not word.endswith("en") or len(word) < 6:
        return ()
    stem = word[:-2]
    hard = stem[:-1] + {"z": "s", "v": "f"}.get(stem[-1], stem[-1])
    long = hard[:-1] + hard[-2] + hard[-1]
    return (stem[:-1],) if stem[-1] == stem[-2] else (hard, long)


def _kin_only(catalogue: Catalogue, key: str, word: str, kin: int) -> frozenset[int] | None:
    """The phrases that have this word in a form as close as the closest; None when that is all with its stem."""
    written = catalogue.written[key]
    if len(written) < 2:
        return None
    close = {surface for surface in written if kinship(word, {surface}) >= kin}
    if len(close) == len(written):
        return None
    return frozenset().union(*(written[surface] for surface in close))


def grown(word: str, other: str) -> bool:
    """Whether one of two words is the other with something behind it."""
    return word.startswith(other) or other.startswith(word)


def kinship(word: str, surfaces: set[str]) -> int:
    """How sure a word is a form of one in the catalogue: 2 the same or with an ending more or less, 1 perhaps, 0 not.

    The common stem alone would take English plates for Spanish silver ("plata").
    """
    best = 0
    for other in surfaces:
        if word == other:
            return 2
        base, grown = (word, other) if len(word) < len(other) else (other, word)
        ending = grown[len(base) :].removeprefix(base[-1] if len(base) > 3 else "")
        if grown.startswith(base) and ending in (_ENDINGS if len(base) > 3 else _SHORT_ENDINGS):
            return 2
        if (
            grown.endswith("en")
            and len(base) > 4
            and base[-2] == base[-3]
            and grown[:-2] == base[:-2] + base[-1]
        ):
            return 2  # Dutch schaar, scharen
        if grown.startswith(base) and len(base) > 5:
            best = 1
        if (
            len(word) == len(other)
            and word[:-1] == other[:-1]
            and word[-1] in "aeiouy"
            and other[-1] in "aeiouy"
        ):
            return 2
        short, long = sorted((word, other), key=len)
        if (
            long[-1] in "snxm"
            and len(short) > 3
            and short[:-1] == long[: len(short) - 1]
            and len(long) - len(short) <= 2
            and short[-1] in "yfoz"
        ):
            return 2
        if len(word) > 5 and lexicon.plain_umlaut(word) == lexicon.plain_umlaut(other):
            return 2
        if (
            len(short) > 5
            and (long[-2:] in ("er", "en", "es", "em") or long[-1] in "ensr")
            and short[:-1] == long[: len(short) - 1]
        ):
            best = 1
    return best


def _headed(catalogue: Catalogue, tokens: Sequence[Token], start: int, number: int) -> bool:
    """Whether the light word that a name begins with stands there: a "lock" is not yet a "D-lock"."""
    head = catalogue.phrases[number].head
    return not head or tuple(t.low for t in tokens[max(0, start - len(head)) : start]) == head


def longest_phrase(
    catalogue: Catalogue, hits: dict[int, Hit], tokens: Sequence[Token], start: int
) -> tuple[int, list[int], int] | None:
    """The longest phrase whose words stand in order from token `start`: (last token, phrases, corrected words)."""
    node, at, best, fuzzy = catalogue.root, start, None, 0
    allowed: frozenset[int] | None = None
    joiners: set[str] = set()
    last = start
    while at < len(tokens):
        token = tokens[at]
        hit = hits.get(at)
        step = 1
        below = None
        if hit:
            if hit.fuzzy or len(hit.keys) == 1:
                key = next((k for k in hit.keys if k in node.below), None)
                below = node.below[key] if key else None
            else:
                below = node
                for key in hit.keys:
                    below = below.below.get(key) if below else None
            step = hit.span
        if below is not None and hit:
            node, fuzzy = below, fuzzy + hit.fuzzy
            last = at + step - 1
            if hit.only is not None:
                allowed = hit.only if allowed is None else allowed & hit.only
            ends = [
                e
                for e in node.ends
                if (allowed is None or e in allowed)
                and joiners <= catalogue.phrases[e].light
                and _headed(catalogue, tokens, start, e)
            ]
            if ends:
                best = (last, ends, fuzzy)
            at += step
            continue
        skipped = token.kind == "sign" and (token.low in _SKIPPED_SIGNS or _glued(tokens, at))
        light = (token.kind == "word" or token.article) and token.low in lexicon.STOP
        if token.article and at > start and tokens[at - 1].low in ("(", ","):
            break  # "deux chaînes (une 9 vitesses, …)": here something is counted anew
        light = light or (token.kind == "word" and token.low.endswith("'"))
        if at == start or not (skipped or light or token.low in lexicon.SIZE_WORDS):
            break
        if token.low in _JOINERS:
            joiners.add(token.low)
        at += 1
    return best


def _glued(tokens: Sequence[Token], at: int) -> bool:
    """Whether a plus stands between two numbers without blanks: 'Mechaniken 3+3'."""
    if tokens[at].low != "+" or not 0 < at < len(tokens) - 1:
        return False
    return tokens[at - 1].end == tokens[at].start and tokens[at + 1].start == tokens[at].end


def respelt(catalogue: Catalogue, tokens: Sequence[Token], members: Sequence[Hit]) -> list[Hit]:
    """The same words, those that may be foreign ones taken for slips: a "dragen kite" has nothing of Italian "drago"."""
    found = []
    for hit in members:
        word = tokens[hit.at].low
        near = catalogue.near(word) if hit.loose and hit.span == 1 else ()
        longer = catalogue.ending_in(word) if not near and len(hit.keys) == 1 and hit.span == 1 else ()
        if longer:  # "Puzzle Bauernhof" where it is called "Holzpuzzle", and "puzzle" in French only
            only = frozenset().union(*(catalogue.postings[key] for key in (*hit.keys, *longer)))
            found.append(Hit(hit.at, (*hit.keys, *longer), only=only, ending=True))
        else:
            found.append(Hit(hit.at, near, fuzzy=True) if near else hit)
    return found if any(hit.fuzzy or hit.ending for hit in found) else []


def of_pack(tokens: Sequence[Token], i: int) -> bool:
    """Whether a size is that of a bag or a box: '6 big bags of potting soil'."""
    if i + 2 >= len(tokens) or len(tokens[i].low) < 3 or tokens[i + 1].low not in lexicon.UNITS:
        return False
    return tokens[i + 2].low in OF or packs(tokens, i + 1)


_BEFORE_VERB = frozenset(
    "please pls to you just kindly then or and not don't can't could would will must should".split()
)
_BEHIND_VERB = frozenset(
    "the a an me us my our it them him her on at before when if this that twice once".split()
)


def as_verb(tokens: Sequence[Token], i: int) -> bool:
    """'Please ring the bell', 'to book a table': an English word that is a verb there names no teething ring."""
    if not 0 < i < len(tokens) - 1:
        return False
    return tokens[i - 1].low in _BEFORE_VERB and tokens[i + 1].low in _BEHIND_VERB
