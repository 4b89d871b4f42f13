"""The pieces of which addresses are made: streets, flats, names, cities; one line or one stretch between commas each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from checkout_desk.reading import cues, dictation, lexicon, runs
from checkout_desk.reading.addresscues import Announced
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.columns import rows_of
from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick

_STREET_WORDS = (
    "street|st|road|rd|lane|ln|avenue|ave|av|drive|dr|close|court|ct|way|square|sq|place|pl|terrace|ter|terr|walk|hill|gardens|grove|crescent|row|mews"
    "|view|parade|boulevard|blvd|highway|hwy|parkway|pkwy|circle|rise|green|park|quay|wharf|alley|path|trail|broadway|loop|heath|fields?|yard|estate|turnpike|promenade"
    "|rue|chemin|impasse|allee|quai|cours|route|passage|boulevard|bd|faubourg|cote|calle|c/|avenida|avda|plaza|paseo|pza|carrer|camino|ronda|travesia"
    "|via|viale|corso|piazza|largo|vicolo|strada|rua|travessa|praca|alameda|estrada|rodovia|r\\.|urb|urbanizacion|poligono|pol\\. ind|zona industriale|zone industrielle|zone artisanale|gewerbegebiet|industriegebiet|bedrijventerrein|parque empresarial|lieu-dit|lieudit|hameau|za|zi|zac|zae|rang|montee|sentier|clos|lotissement|praceta|beco|calcada|lugar|quinta|ctra|carretera|localita|frazione|fraz|loc"
)
_TAIL_WORDS = r"\w*(?:strasse|str\.?|weg|platz|allee|gasse|ring|damm|ufer|steig|straat|laan|plein|gracht|kade|dijk|singel|hof|markt|chaussee|graben|berg|park|dreef)"
_SUFFIXES = r"(?:strasse|str\.|weg|platz|allee|gasse|straat|laan|plein|gracht|kade|singel)"
_NUMBER = r"\d{1,6}(?:⁄\d)? ?(?:bis|ter|[a-h])?(?:[-/](?:\d{1,4} ?[a-h]?|[ivx]{1,4}|hs|[a-h])(?![a-z])){0,3}"
STREET = re.compile(
    rf"(?:(?:(?:unit|flat|plot|shop) |u(?:nit)? ?\d{{1,4}} ?/ ?)?(?:n[°º.]? ?)?{_NUMBER},? (?:\S+ ){{0,5}}(?:\S{{2,}}|[nsew])|(?:\S+ ){{0,5}}(?:\S{{2,}}|[iv]),? (?:n[°º.]? ?|nr\.? ?)?{_NUMBER}(?:[/ ]\d+)?)"
)
CROSSING = re.compile(
    r"(?:calle|carrera|cra|cll?|kr|transversal|diagonal|avenida|av)\.? \d{1,3}[a-z]? ?(?:(?:bis|sur|norte) )?(?:#|no\.?|n[°º]\.?) ?\d{1,3}[a-z]? ?- ?\d{1,3}"
)
"""Colombia: 'Calle 72 # 10-34'"""
NAMED_PLACE = re.compile(
    r"(?:lieu-?dit|hameau|urb|urbanizacion|poligono|pol|frazione|fraz|localita|loc|za|zi|zac|zae|lugar|quinta|residence|lotissement)\b"
)
"""what stands before the name of a place that has no numbers"""
STREET_WORD = quick(rf"\b(?:{_STREET_WORDS})\b|\b{_TAIL_WORDS}(?![a-z])")
UNIT = quick(
    r"(?:post-?nr\.?|postnummer) ?\d{6,10}|(?:(?:\d{1,2}(?:st|nd|rd|th)|ground|lower ground|first|second|third|fourth|fifth|sixth|top) floor|flat|apartment|apt\.?|unit|suite|ste\.?|floor|room|level|c/o|bldg|building|po box|p\.o\. box|postfach|hinterhaus|vorderhaus|wohnung|whg\.?|app\.?|\d\.? ?(?:og|eg|stock|etage|floor)"
    r"|bat(?:iment)?\.?|etage|escalier|residence|piso|puerta|esc\.?|escalera|bajo|atico|\d{1,2} ?[º°ª] ?\w{0,4}|apto\.?|apartamento|bloco|andar|nave|capannone|interno|int\.?|scala|bus|\#)\b.{0,40}|\d{1,2}\.? ?[º°ª].{0,12}|\#\d+\w?"
    # Only with what belongs to them: "Top 14" is a flat in Vienna, "top quality" is none.
    r"|(?:bureau|local|porte|studio|loft|office|oficina|of|depto|dpto|dept|departamento|despacho|ufficio|m|mieszk|tr|villa|hus)\.? ?[a-z]?-?\d{1,5} ?[a-z]?|\d{1,2} ?tr\.?(?: (?:o|og|ner))?|\d{1,2}(?:r|n|t|e) \d{1,2}[ao]|\d{1,2}/[lr\d]{1,2}"
    r"|(?:top|stiege|zimmer|zi\.|raum|chambre|habitacion|stanza|quarto|tur|lgh|bte|boite|bp|portal|pta|bl(?:oc)?|ap(?:pt|t)?|sc|et|lok|kamer|box|quadra|lote|bloc|postbus|apartado)\.? ?[a-z]?-?\d{1,5} ?[a-z]?(?: ?[ivx]{1,3})?|\d{1,2}/f|\d{1,2}(?:e|er|eme|re|o|a)? (?:etage|piso|andar|piano|verdieping)|\d{1,2}\. ?(?:tv|th|mf|sal|em|etg)\b.{0,8}|st\.? (?:tv|th)"
    r"|(?:z\. ?hd\.?|zu handen(?: von)?|attn|att|attention|a l'attention de|a/a|a/c|(?:alla )?c\. ?a\.|all'attenzione(?: di)?|a la atencion de|aos? cuidados? de|t\.?a\.?v\.?|p/a|presso|chez|aux bons soins de|a cura di|aan)[.:]? [^\W\d].{1,36}"
    r"|bei (?!fragen|ruckfragen|bedarf|ihnen|euch|uns|mir|problemen)(?:familie |fam\. ?)?[^\W\d]\S+(?: [^\W\d]\S+)?|(?:col\.|colonia|fracc|bairro|b[ºo])\.? [^\W\d].{2,30}"
)
_BARE = frozenset("apt flat unit suite ste floor room level app int esc bus nave residence".split())
_UNIT_STREET = re.compile(rf"(?:unit|flat|plot|shop) {_NUMBER} [^,]{{2,30}} (?:{_STREET_WORDS})")
_TOWN_NUMBER = re.compile(
    r"(?:store|shop|branch|filiale|magasin|tienda|negozio|winkel|loja|halle|warehouse|depot|dock|lager) (?:no\.? ?|nr\.? ?|#)?\d{1,5}|"
    r"(?:dublin|praha|prague|prag|wien|vienna|paris|lyon|marseille|budapest|bratislava|bucuresti|london|kobenhavn|roma|milano|torino|luxembourg) \d{1,2}w?"
)
STREET_FIRST = re.compile(
    r"(?:rue|chemin|impasse|allee|quai|cours|route|passage|boulevard|bd|avenue|av|place|calle|c/|avda|avenida|plaza|paseo|via|viale|corso|piazza|rua|travessa|alameda|avda\.|av\.|c\.|cl\.|pza|pl|praca|largo|estrada|carrer|camino|ronda|vicolo|strada|bd|faubourg|rang|montee|cote|sentier|clos|praceta|beco|calcada|carretera|ctra\.|ctra|lugar|localita|loc\.|fraz\.|frazione|urb|urb\.|urbanizacion)(?![a-z])"
)
TAIL_UNIT = re.compile(
    r"(?<=\d) \d{1,2}\.? ?[º°ª](?: ?(?:[a-z]|izq|dcha|dto|esq|izda|centro)\.?)?$|(?:\b(?:flat|apartment|apt\.?|unit|suite|ste\.?|apto\.?|appt\.?|lgh|top|wohnung|whg\.?|ap\.)|#)\s?#?\w{1,6}(?:-\d{1,4})?$"
)
_NAMED_AFTER = frozenset("ola dag".split())
"""greetings of one language that are first names in another"""
_FLOOR_BEHIND = re.compile(
    r"\s(?:tv|th|mf|sal|og|stock|em|etage|etg|januar|marz|april|mai|juni|juli|oktober|november)\b"
)
_CALL_BEHIND = re.compile(
    r"\s(?:mobile?|mob|tel\w*|phone|cell|gsm|handy|movil|telemovel|cellulare|mobiel|cheers|thanks?|please|best|kind|many|merci|danke|vielen|gracias|grazie|obrigad[oa]|bedankt|alvast)\b"
)
_FLAT_BEHIND = re.compile(r"m\. \d{1,3}(?=,|$)")
"""a Polish flat: 'ul. Piękna 12 m. 5'"""
NO_NUMBER = re.compile(
    r"(?:^|,? ?)(?:s/n(?:[º°.]| ?[º°])?|s/ ?n[º°]|snc|s\.n\.?|sin numero|sem numero|senza numero)$"
)
_ABBREVIATED = re.compile(
    r"str$|\b(?:st|rd|ave|av|avda|dr|mr|mrs|ms|no|nr|apt|ste|sr|sra|bd|blvd|ln|c|r|co|pl|sq|p\.o|[a-z]|ul|ch|rte|imp|mevr|dhr|drs|mej|herr|fr|sigg|sig|hno|pza|pzza|plz|ctra|urb|izq|izda|dcha|pta"
    r"|inh|att|attn|ter|terr|fam|ap|bl|hd|col|tel|fracc|appt|estr|vle|cso|fraz|chem|bat|app|int|esc|nave|porta|ext|lote|fbg|prof|ing|dott|mme|mlle|bldg|cres|gdns|tce|pde|hwy|pkwy|cir|jal|b\.v|n\.v|m|mag|mgr|lok|blk|os|nam|st\.l)$"
)
SIZE_AT_END = re.compile(
    r"\b(?:in|size|sizes|en|grosse|gr\.?|taille|talla|taglia|tamanho|maat) (?:x{0,3}s|m|x{0,3}l)$"
)
"""'a hoodie in L.': no abbreviation"""
_MEASURED = re.compile(r"\d ?(?:l|m|g|w|v|kg|ml|cl|cm|mm)$")
_CUT = re.compile(
    r",|(?<=[^\s])\.(?=\s|$)|[;!?]|\s[|/•·]\s| - |\(|\)|\s(?:and|en|und|et|y|e|or)\s(?=(?:je|you|my|ich|mein|meine|vous|mon|mi|please|call|phone|tel|telefon|(?:el|il|le|o|het|the|la) (?:tel\w*|phone|movil|portable|cell\w*)|bel|ruf\w*|rufen|kan|can|u(?= [a-z]))\b)"
    r"|\s(?=(?:my|meine|mi|mon|mijn|o meu|il mio) (?:phone|tel\w*|handy\w*|mobil\w*|cell\w*|number|nummer|numero|movil)\b)"
    r"|\s(?=(?:\+\d|\(?0\d)[\d ()./-]{7,17}\d\b)|(?<= \d[a-z]{2})\s(?=(?:and|also|plus|but|please|between|before|after|by|from|on|as|for|with|if|when|asap|thanks|thank)\b)|(?<= \d{5})\s(?=(?:and|und|et|also|plus|please|bitte|svp|between|before|zwischen|entre|avant|vor)\s)"
)
_SPELT = "|".join(
    sorted(
        {word for table in lexicon.NUMBERS_OF.values() for word in table if len(word) > 2} | set(lexicon.TENS)
    )
)
_SPELT_NUMBER = rf"(?:{_SPELT})(?:(?:-| and | und | y | e | et | )(?:{_SPELT})){{0,2}}|\w{{3,8}}und(?:zwanzig|dreissig|vierzig|funfzig|sechzig|siebzig|achtzig|neunzig)|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\w{{3,5}}"
_SPELT_HOUSE = re.compile(
    rf"(?:number )?(?:{_SPELT_NUMBER}),? (?:(?:rue|chemin|impasse|allee|quai|place|avenue|route|boulevard)(?: \S+){{1,4}}|(?:[^\W\d]\S* ){{1,3}}(?:{_STREET_WORDS})|(?:[^\W\d]\S* )?\w{{2,}}{_SUFFIXES})"
    rf"|(?:(?:[^\W\d]\S* ){{0,2}}\w{{2,}}{_SUFFIXES}|(?:calle|avenida|avda\.?|plaza|paseo|via|viale|corso|piazza|rua|travessa|alameda)(?: [^\W\d]\S*){{1,4}}),? (?:numero |nummer |nr\.? ?)?(?:{_SPELT_NUMBER})"
)
"""a house number that is spelt out: 'twenty-two Harbour Road', 'Amselweg elf', 'douze rue des Lilas'"""
NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'.-]*(?:['.-][^\W\d_]*)*(?:/[a-z]{2}|\.)?")
_ADDRESS_LINE = re.compile(r"[^\s@]+@[^\s@]+|https?:|www\.")
_VERBS = quick(
    r"\b(?:please|send|ship|order|want|need|would|like|have|is|are|was|thanks|thank|bitte|bestell\w*|mochte|schicken|danke|hatte|ich|voudrais|souhaite|merci|commande|quiero|gracias|quisiera|pedir"
    r"|obrigad\w|queria|grazie|vorrei|prendo|graag|wil|bedankt|call|phone|tel|telefon\w*|mobil\w*|cheers|love|if|anything|it|them|i|we|my|you|your|our|can|get|its|livrer|address|adresse|anschrift|direccion|adres|indirizzo|morada|it's|me|bestel\w*)\b"
)


_LABEL = re.compile(r"(?!att)[^\W\d][^\W\d ]{1,14}(?: [^\W\d]{1,14})? ?: +(?=\S)")
_LEADING = re.compile(
    r"(?:for|to|fur|an(?! de[rnm] )|para|pour|voor|per|from|thanks|thank you|cheers|ta|danke|merci|gracias)\s+(?!(?:d'avance|beaucoup|bien|infiniment|mille|pour|et|de|por|y|and|so|very|for|in|im|und|vielmals|schon)\b)(?=[^\s\d])"
)


@dataclass(slots=True)
class Piece:
    """A stretch `low[start:end]`, trimmed; `line` is the number of its line, `cue` what announced it.

    `to` tells that 'to' stood in front of what may be a name.
    """

    start: int
    end: int
    low: str
    line: int
    cue: str = ""
    closed: bool = False
    bullet: bool = False
    to: bool = False


def pieces(canon: Canon, *, cue_of: re.Pattern[str]) -> list[Piece]:
    """Cut a text into pieces. What announces an address ('deliver to') is cut off and remembered on the next piece."""
    found: list[Piece] = []
    cue = ""
    announced = Announced(canon.low, cue_of)
    told = dictation.labels(canon.low)
    for line, at, end in rows_of(canon.low, cue_of):
        text = canon.low[at:end]
        begin = at
        count = len(found)
        for stop, until in _with_labels(_stops(text), [(a - at, b - at) for a, b in told if at <= a < end]):
            cue = _add(canon, found, begin, at + stop, line, cue, announced)
            last = text[stop] == "." and not text[until:].strip() and bool(found) and is_street(found[-1].low)
            if text[stop] in ".;!?" and not last and found and found[-1].line == line:
                found[-1].closed = True
            begin = at + until
        cue = _add(canon, found, begin, at + len(text), line, cue, announced)
        if text.lstrip()[:1] in "-*•·・" and text.strip():
            for piece in found[count:]:
                piece.bullet = True
    return found


_MINE = re.compile(r"\b(?:me|us|mich|uns|moi|nous|mi|mim|mij)\b")
"""of two destinations that of the writer, who is the customer"""


def _stops(text: str) -> list[Span]:
    found = []
    for match in _CUT.finditer(text[:2_000]):
        if match[0] == "." and text[match.start() - 1].isdigit() and _FLOOR_BEHIND.match(text, match.end()):
            continue
        if match[0] == "." and _CALL_BEHIND.match(text, match.end()):
            found.append(match.span())  # "1650 København V. Mobile …": no abbreviation
            continue
        if match[0] == "." and _FLAT_BEHIND.match(text, match.start() - 1):
            continue
        if match[0] == "." and _MEASURED.search(text[max(0, match.start() - 7) : match.start()]):
            found.append(match.span())
            continue
        if match[0] == "." and SIZE_AT_END.search(text[max(0, match.start() - 14) : match.start()]):
            found.append(match.span())
            continue
        if match[0] == "." and _ABBREVIATED.search(text[max(0, match.start() - 5) : match.start()]):
            continue
        if (
            match[0] == ","
            and text[match.end() : match.end() + 1].isdigit()
            and text[match.start() - 1 : match.start()].isdigit()
        ):
            continue
        found.append(match.span())
    return found


def _with_labels(stops: list[Span], told: list[Span]) -> list[Span]:
    """Where a line is cut: also at the labels of a dictated address."""
    kept = [stop for stop in stops if not any(stop[0] < b and a < stop[1] for a, b in told)]
    return sorted([*kept, *told]) if told else stops


def _add(
    canon: Canon, found: list[Piece], start: int, end: int, line: int, cue: str, announced: Announced
) -> str:
    low = canon.low
    last = announced.last(start, end)
    if last:
        cue = "".join(sorted(name for name, value in last.groupdict().items() if value))[:8]
        if cue == "ship" and _MINE.search(last[0]):
            cue = "mine"
        if last.start() > start and low[start : last.start()].strip():
            _append(canon, found, start, last.start(), line, "")
        start = last.end()
    while start < end and low[start] in " \t:-*>.,=\u30fb":
        start += 1
    while end > start and low[end - 1] in " \t:*.,":
        end -= 1
    if start >= end:
        return cue
    _append(canon, found, start, end, line, cue)
    return ""


_OWN_KIN = re.compile(
    r"(?:my|our|meine?[nr]?|unsere?[nr]?|ma|mon|notre|mi|nuestr[ao]|mi[ao]|minha|(?:o )?meu|mijn|onze)"
    r" [^\W\d][\w-]{1,14} (?=[^\W\d][\w'.-]+ [^\W\d][\w'.-]+)"
)
"""'my daughter Ann Lee': who it is to the customer is no part of the name"""


def _append(canon: Canon, found: list[Piece], start: int, end: int, line: int, cue: str) -> None:
    to = False
    colon = canon.low.rfind(": ", start, end)
    if colon > start and _led(canon.low[start:colon].strip(), canon.low[colon + 1 : end].strip(' *"')):
        _append(canon, found, start, colon, line, "")  # 'an meine Nichte liefern: Mia Reuter'
        start = colon + 1
    if (leads := _TO_WHOM.match(canon.low, start, end)) and _capital(canon, start, leads.end()):
        start, to = leads.end(), True  # 'lo de siempre, a Taller Amparo'
    if (kin := _OWN_KIN.match(canon.low, start, end)) and canon.shown(kin.end(), kin.end() + 1).isupper():
        start = kin.end()
    while start < end and canon.low[start] in ' "':
        start += 1
    while end > start and canon.low[end - 1] in ' "':
        end -= 1
    if label := _LABEL.match(canon.low, start, end):
        start = label.end()
    if not cue and (leading := _LEADING.match(canon.low, start, end)):
        start = leading.end()
    if start >= end:
        return
    low = canon.low[start:end]
    parts = runs.cut(canon, start, end, street_already=is_street(low))
    if not parts:
        found.append(Piece(start, end, low, line, cue, to=to))
    for a, b in parts:
        while a < b and canon.low[a] in " ,":
            a += 1
        while b > a and canon.low[b - 1] in " ,":
            b -= 1
        if canon.low.startswith("in ", a, b) and canon.low[a + 3].isdigit():
            a += 3  # 'Lindenstr. 4 in 20095 Hamburg'
        if a < b:
            low = canon.low[a:b]
            takes = is_name(low) or is_unit(low) or is_street(low)  # words that lead to it hand the cue on
            found.append(Piece(a, b, low, line, cue if takes else ""))
            cue = "" if takes else cue


_TO_WHOM = re.compile(r"(?:a|al|an|to|au|ao) (?=[^\W\d]{2})")


def _capital(canon: Canon, start: int, name: int) -> bool:
    """Whether a preposition without a capital stands before a word that has one."""
    return canon.shown(start, start + 1).islower() and canon.shown(name, name + 1).isupper()


def _led(before: str, after: str) -> bool:
    """Whether a colon parts words of a sentence from a name: 'please send it to her: Mia Reuter'."""
    return 2 <= len(after.split()) <= 3 and (
        is_name(after)
        and (
            len(before.split()) > 3 or before.split(" ", maxsplit=1)[0] in lexicon.STOP or not is_name(before)
        )
    )


@lru_cache(maxsize=5_000)  # asked of a piece by each of its neighbours
def is_street(low: str) -> bool:
    """Whether a piece has a house number and the words of a street."""
    if len(low) > 70 or _ADDRESS_LINE.search(low) or _VERBS.search(low):
        return False
    if NO_NUMBER.search(low) and 2 <= len(low.split()) <= 8:
        return True  # what says that it has no number is a street
    if not any(map(str.isdigit, low)):
        return _SPELT_HOUSE.fullmatch(low) is not None
    if _TOWN_NUMBER.fullmatch(low):
        return False
    return (STREET.fullmatch(low) or CROSSING.fullmatch(low)) is not None and sum(map(str.isdigit, low)) <= 9


def is_numbered(low: str) -> bool:
    """Whether a piece has the length and the digits of a street, though not its form: 'Q7', 'N6840 County Road F'."""
    some = 1 <= sum(sign.isdigit() for sign in low) <= 7
    return some and len(low) <= 45 and not _VERBS.search(low) and not _ADDRESS_LINE.search(low)


@lru_cache(maxsize=5_000)
def is_unit(low: str) -> bool:
    """Whether a piece is a flat, a floor, a care-of or a box."""
    if low in _BARE:
        return False  # 84400 Apt is a town, and 'flat' alone no flat
    return len(low) < 45 and UNIT.fullmatch(low) is not None and not _UNIT_STREET.fullmatch(low)


@lru_cache(maxsize=5_000)
def is_name(low: str) -> bool:
    """Whether a piece can be the name of a person or a house: one to six words without digits, none of them a verb."""
    words = low.replace("&", " ").replace("+", " ").split()
    if (
        not 1 <= len(words) <= 6
        or len(low) > 60
        or _VERBS.search(low)
        or cues.CLOSING.match(low)
        or (cues.GREETING.match(low) and not (words[0] in _NAMED_AFTER and len(words) in (2, 3)))
    ):
        return False
    if words[-1] in LEADING_ON:
        return False
    if _TOWN_NUMBER.fullmatch(low):
        return True
    return all(NAME_WORD.fullmatch(word) for word in words)


LEADING_ON = frozenset(
    "an at to a au aux en in na no em nach zu naar op chez presso para per pour is are ist es est son go geht".split()
)
"""what follows these is the name, or the street"""
_NO_PLACE = frozenset(
    "now jetzt ahora adesso maintenant nu please bitte thanks svp graag in at zu cep cap plz zip cp c.p postcode eircode pin".split()
) | {"por favor", "per favore", "thank you"}
_BEHIND = (
    " in",
    " please",
    " bitte",
    " thanks",
    " svp",
    " schicken",
    " senden",
    " liefern",
    " sturen",
    " bezorgen",
    " now",
    " jetzt",
    " asap",
)


def trimmed(piece: Piece) -> Piece | None:
    """A piece without signs and polite words at its ends; None where nothing else is in it."""
    start, end, low = piece.start, piece.end, piece.low
    if low.strip(" .,") in _NO_PLACE:
        return None
    while low and low[0] in " ,-()./":
        low, start = low[1:], start + 1
    while low and low[-1] in " ,-(/":
        low, end = low[:-1], end - 1
    for word in _BEHIND:
        if low.endswith(word):
            low, end = low[: -len(word)], end - len(word)
    return Piece(start, end, low, piece.line) if low else None
