"""Questions that want goods, not an answer: 'ci mandate 12 tazzine blu?', '¿Me guardas tres tazas?', '3 blue mugs, please?'."""

from __future__ import annotations

from checkout_desk.reading import cues
from checkout_desk.reading.patterns import quick
from checkout_desk.reading.sentence import Sentence, common

# What a shop is asked to do with goods; in a question it wants them, as "can you" does.
_GIVES = quick(
    r"\b(?:send|post|ship|bring|pack|deliver|reserve|pop|put|keep|set aside|sort|schick\w*|send\w*|bring\w*|pack\w*|liefer\w*|reservier\w*|leg\w* [^.?!\n]{0,30}(?:zuruck|dazu|bei)|mach\w*"
    r"|envo\w+|exped\w+|livr\w+|apport\w+|prepar\w+|met(?:s|tez)|gard\w+|mand\w+|envi\w+|tra(?:es|en|eis|ed|z|zem)|pon(?:es|eis|en)|guard\w+|serv\w+|separ\w+|reserv\w+|entreg\w+|arranj\w+|p[oô]e[sm]?"
    r"|sped\w+|invi\w+|port(?:i|ate|a)|mett(?:i|ete)|tien(?:i|e)|consegn\w+|tenete|stuur\w*|stur\w+|bezorg\w*|breng\w*|lever\w*|doe|doen|leg\w*)\b"
    r"|(?:送|届け|用意|取り置)[^。?]{0,8}(?:か|ますか)"
)
# What only asks: whether something fits, is enough, holds.
_DOUBTS = quick(
    r"^\W*(?:do|does|did|is|are|was|were|has|have|will|would|which|passt|passen|reich\w*|ist|sind|hat|habt|est|sont|es|son|e|sono|is|zijn|past|passen|cabe\w*|caben|entra\w*|vale\w*)\b"
)


def wants_goods(here: Sentence) -> bool:
    """Whether a sentence that ends like a question asks for goods: it asks nothing by its words, and asks to be sent something.

    It may also be nothing but the goods: '2 large mugs and a teapot?'.
    """
    if any(
        cue.search(here.text) for cue in (cues.ASK, cues.ASK_STRICT, cues.DOCUMENT, cues.PAST, cues.TENTATIVE)
    ):
        return False
    if cues.RETURN.search(here.text) or cues.DISPUTE.search(here.text) or _hangs(here):
        return False
    if _GIVES.search(here.text) or cues.ORDER.search(here.text):
        return True
    inside = {i for m in here.mentions for i in range(m.first, m.last + 1)}
    rest = [
        t for i, t in enumerate(here.tokens) if t.kind == "word" and i not in inside and not common(t.low)
    ]
    return len(rest) <= 1 and not _DOUBTS.search(here.text) and not cues.COPULA.search(here.text)


def _hangs(here: Sentence) -> bool:
    return any(cues.CONDITION.match(here.plain[part.start : part.end]) for part in here.parts)
