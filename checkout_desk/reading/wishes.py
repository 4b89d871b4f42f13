"""What a customer wishes for the delivery: 'please leave it with the neighbour, no. 16'. A note for who packs and drives.

It is never a line and never an address: words in which the address itself stands are no wish. Only asking counts ('please
leave', 'bitte abgeben'); what somebody did or has ('I left it with the neighbour') does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span, Value

LONGEST = 200
_FULL = 60
"""characters of a line that was broken because it was full"""
_IN = r"(?:[^.!?\n\d]|\n(?!\n)){0,60}?"
"""within one sentence; a number between verb and place counts pieces, and that is an order"""
_END = re.compile(r"[!?\n。！]|(?<!\bno)(?<!\bnr)(?<!\bst)(?<!\bn)\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of a language: to leave a parcel, where to, and, where verbs do not ask by themselves, what asks."""

    leave: str
    place: str
    ask: str = ""
    place_first: bool = False
    """'beim Nachbarn abgeben'"""


_WORDS = {
    "en": _Words(
        r"(?:(?<=please )|(?<=pls )|(?<=and )|(?<=then )|(?<=just )|(?<=you )|(?<=not )|(?<=n't )|(?<=can )|(?<=or )|(?<=[,;:(-] )|(?<=[.!?] )|(?<=\n)|^)"
        r"(?:leave|drop|hand|deliver|deposit)|(?<=please )(?:put|give|ring|knock)|(?<=be )left",
        r"neighbou?rs?\b|next door|porch|garage|reception|front desk|concierge|doorman|porter|caretaker|shed|mailbox|letterbox"
        r"|doorstep|(?:front|back|side) door|(?:front|side|garden) gate|at the gate|safe place|carport|greenhouse|bell\b",
    ),
    "de": _Words(
        r"(?:abgeben|abstellen|ablegen|abzugeben|abzustellen|abzulegen|hinterlegen|deponieren|abgegeben|abgestellt|abgelegt|klingeln|lassen sie|legen sie|stellen sie|geben sie)\b",
        r"nachbar\w{0,7}|garage|terrasse|carport|hausmeister\w{0,2}|pfortner|rezeption|empfang|pforte|briefkasten|hausture?n?\b|hintereingang|schuppen|gartenhaus|paketkasten",
        r"bitte|konn|kann|darf|durf|gerne?\b|einfach|falls|sonst", place_first=True,
    ),
    "fr": _Words(
        r"(?<!je )(?<!vais )(?:laisser|laissez|deposer|deposez|remettre|remettez|confier|confiez|sonnez)\b",
        r"voisine?s?\b|gardienn?e?\b|concierge|garage|boite aux lettres|accueil|reception|porche|portail|abri\b|porte d'entree",
    ),
    "es": _Words(
        r"\b(?:dejar|dejen|dejad|deje|dejalo|dejala|entregar|entreguen|entregue|depositar|depositen|llamen)(?:lo|la|los|las)?\b",
        r"vecin[oa]s?\b|porter[oa]\b|conserje|porteria|garaje|buzon|recepcion|puerta de",
        r"por favor|pued|podr|si no|gracias|prefer|dej[ea]n?\b|entreguen|dejad",
    ),
    "pt": _Words(
        r"\b(?:deixar|deixem|deixe|entregar|entreguem|entregue)(?:-[oa]s?)?\b",
        r"vizinh[oa]s?\b|porteiro|portaria|garagem|recepcao|rececao|caixa do correio|zelador",
        r"por favor|pode|podem|favor|se nao|deixem|deixe\b|entregue",
    ),
    "it": _Words(
        r"\b(?:lasciare|lasciarl[oaie]|lasciate\w{0,2}|lasciatel[oaie]|lasciat[oaie] pure|consegnare|consegnarl[oaie]|consegnatel[oaie]|depositare|suonate)\b",
        r"vicin[oia]\b|portiere|portineria|portinaio|garage|cassetta delle lettere|reception|custode",
        r"per favore|cortesemente|pote|puo|possono|prego|se non|lasciate|consegnate",
    ),
    "nl": _Words(
        r"\b(?:achterlaten|achter te laten|afgeven|af te geven|neerleggen|neerzetten|afleveren|aanbellen|laat het|laat ze|laat maar|geef het|zet het|leg het)\b",
        r"bur(?:en|man|vrouw)\b|garage|schuur|portier|receptie|brievenbus|voordeur|achterdeur|veranda",
        r"graag|kun|kan\b|mag\b|mogen|alstublieft|a\.?u\.?b|laat|gelieve|anders|geef|zet|leg", place_first=True,
    ),
    "ja": _Words(r"(?:預け|置い|渡し|入れ)て?", r"隣(?:の|人)|お隣|管理人|宅配ボックス|置き配|玄関", place_first=True),
}  # fmt: skip
_FORMS = {
    language: tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?:{w.leave}){_IN}\b(?:{w.place})"
            if language != "ja"
            else rf"(?:{w.leave}){_IN}(?:{w.place})",
            *(
                [rf"(?:{w.place})(?:[^.!?\n。]|(?<=nr)\.|(?<=no)\.|\n(?!\n)){{0,60}}?(?:{w.leave})"]
                if w.place_first
                else []
            ),
        )
    )
    for language, w in _WORDS.items()
}
_ASK = {language: re.compile(w.ask) for language, w in _WORDS.items() if w.ask}
_BEFORE = re.compile(
    r"(?:\b(?:beim?|in|an|auf|vor|hinter|unter|bij|op|voor|achter)(?: (?:der|die|das|den|dem|de|het|meine[rnm]?|unsere[rnm]?|mijn|onze))?) $"
)
"""the little words before a place that comes first"""


def find(canon: Canon, *, language: str, source: str, places: Sequence[Span] = ()) -> Value | None:
    """The first wish for the delivery in a text, from its verb or place to the end of the sentence; None where there is none.

    `language` is a key of the words above, any other counts as English. `places` is where the address stands.
    """
    low = canon.low
    spoken = language if language in _WORDS else "en"
    for form in _FORMS[spoken]:
        for match in form.finditer(low):
            start, stop = _sentence(low, match.start(), match.end())
            asked = _ASK.get(spoken)
            if asked is not None and not asked.search(low, start, stop):
                continue
            little = _BEFORE.search(low, start, match.start())
            begin = little.start() if little else match.start()
            stop = min(stop, begin + LONGEST)
            if any(begin < end and at < stop for at, end in places):
                continue
            words = " ".join(canon.shown(begin, stop).split()).rstrip(" ,;:-.")
            return Value(words, "delivery-wish", 0.85, source, canon.span(begin, stop))
    return None


def _sentence(low: str, start: int, end: int) -> Span:
    """The sentence around a match. 'no. 16' ends nothing, nor does a line that a mail program broke."""
    first = max(0, start - 400)
    ends = [one.end() for one in _END.finditer(low, first, start) if not _broken(low, one)]
    last = min(len(low), end + 400)
    stop = next((one.start() for one in _END.finditer(low, end, last) if not _broken(low, one)), last)
    return (ends[-1] if ends else first), stop


def _broken(low: str, end: re.Match[str]) -> bool:
    """Whether this is the end of a full line inside a paragraph."""
    if end[0] != "\n" or low[end.end() : end.end() + 1] in ("", "\n"):
        return False
    return end.start() - low.rfind("\n", 0, end.start()) > _FULL
