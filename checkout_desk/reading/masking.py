"""What looks like a quantity and is none: prices, dates, times, phone and order numbers, and all that is struck out."""

from __future__ import annotations

import re
from functools import lru_cache

from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|marz|maerz|mai|juni|juli"
    "|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|enero|febrero|marzo|abril|mayo"
    "|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro"
    "|novembro|dezembro|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|augustus"
    "|jan\\.?|feb\\.?|sept?\\.?|oct\\.?|okt\\.?|nov\\.?|dec\\.?|dez\\.?"
)
_SPANS = (
    "days?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?|working days|business days|tage?n?|werktage?n?|wochen?|monate?n?|jahre?n?"
    "|stunden?|minuten?|jours?|semaines?|mois|ans?|annees?|heures?|dias?|semanas?|mes(?:es)?|anos?|horas?|minutos?|giorn[oi]|settiman[ae]"
    "|mes[ei]|ann[oi]|or[ae]|dagen|dag|weken|week|maand(?:en)?|jaar|uur|uhr|people|persons?|guests?|colleagues|personen|gaste"
    "|leute|personnes|invites|personas|invitados|pessoas|persone|ospiti|gasten|gastes?|students|kids|children|kindern?|enfants|leuten|schulern?|kolleg(?:en|innen)|mitarbeitern?|eleves|convives|couverts|alumn[oa]s|nin[oa]s|alunni|bambini|criancas|leerlingen|pax|adults|times|euros?"
    "|km|kilometers?|miles|percent|prozent|pages?|seiten"
)
_NUMBER_WORD = (
    "a|an|one|two|three|four|five|six|seven|eight|nine|ten|ein\\w{0,2}|zwei|drei|vier|funf|sechs|un[ea]?|deux|trois|quatre|dos"
    "|tres|cuatro|due|tre|quattro|dois|duas|een|twee|drie"
)
_MONEY = r"(?:[£$€¥]|r\$|eur|euros?|usd|gbp|chf|dollars?|pounds?|pfund|yen|jpy|brl|reais|cad|aud|francs?|franken|pence|cents?)"
_REFERENCE = (
    r"(?:order|auftrags?|bestell(?:ung(?:en)?)?s?|bestelling|rechnungs?|kunden|customer|invoice|po|p\.o\.|ref(?:erence|erenz|erencia)?"
    r"|commande|client|pedido|cliente|factura|facture|fattura|ordine|encomenda|fatura|klant|factuur|tracking|ticket|case|quote|angebots?"
    r"|account|konto|vat|ust|tax|eori|article|artikel|art|item|tel|fax|catalogue|membership|loyalty|verwendungszweck|注文番号|お客様番号)"
)

_TICKED = re.compile(r"^[ \t*-]{0,6}(?:\[[x✓✔v]\]|☑|☒|✅|✓|✔)", re.MULTILINE)
_EMPTY_BOX = re.compile(r"^[ \t*-]{0,6}(?:\[ ?\]|☐|▢|□)[^\n]{0,200}", re.MULTILINE)
_PATTERNS = [
    quick(pattern)
    for pattern in (
        r"~~[^\n]{0,2000}?~~",
        r"[^\s<>@]{1,64}@[^\s<>@]{1,255}",
        r"(?:https?://|www\.)[^\s<>]{1,2000}",
        # Dates and times.
        r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}\.\d{1,2}\.(?!\d)",
        rf"\b\d{{1,2}}(?:\.|st|nd|rd|th|er|º|°)?[ ]?(?:of |de |d')?(?:{_MONTHS})\b(?:,?[ ](?:de )?\d{{4}})?",
        rf"\b(?:{_MONTHS})[ ]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?[ ]\d{{4}})?(?![ ]?x\b)",
        rf"\b(?:{_MONTHS})[ ]\d{{4}}\b|\b(?:in|since|seit|en|em|nel|of) (?:19|20)\d\d\b",
        r"\b\d{1,2}[:h]\d{2}(?::\d{2})?\b[ ]?(?:am|pm|uhr|h)?|\b\d{1,2}[ ]?(?:am|pm|a\.m\.|p\.m\.|uhr)\b|\b\d{1,2}\.\d{2} uhr\b",
        r"\d{1,4}[ ]?(?:年|月|日|時|分|週間|か月|ヶ月|年間|人|名様|名|円|歳|階|号室|丁目|番地)",
        # Days of a month that is not said.
        r"\b(?:zum|am|vom|ab dem|bis) \d{1,2}\.(?!\d)|\bdia \d{1,2}\b",
        r"\b(?:le|du|el|il|dal|entro il|op de) \d{1,2}(?= ?[,;!?)]| ?\.(?!\d)| ?(?:\n|$))",
        r"\b(?:kw|week|semaine|semana|settimana|kalenderwoche) ?\d{1,2}\b",
        # Money.
        rf"{_MONEY}[ ]?\d(?:\d|[.,'](?=\d)|[ ](?=\d{{3}}(?!\d))){{0,12}}(?:[ ]?(?:each|apiece|je|pro|par|per)\b)?",
        rf"\b\d[\d.,']{{0,12}}(?:,-)?[ ]?{_MONEY}(?![a-z])",
        r"@[ ]?\d[\d.,]{0,10}",
        r"\b\d{1,6}[.,]\d{2}\b(?![ ]?(?:kg|g|l|ml|m|cm|liter|litre)\b)",
        r"\b\d{1,2}[ ]?%[ ](?:off|discount|rabatt|skonto|mwst|vat|iva|tva|remise)",
        # References.
        r"#[ ]?[a-z]{0,4}-?\d[\w/-]{0,30}",
        rf"\b{_REFERENCE}[ -]{{0,2}}(?:no|nr|num|number|nummer|numero|n[°º]|id|code|ref|nbr|番号)[.:°º# ]{{0,4}}[a-z]{{0,4}}[ -]?\d[\w/-]{{0,30}}",
        rf"\b{_REFERENCE}[ ]?[:#][ ]?[a-z]{{0,4}}-?\d{{3}}[\w/-]{{0,30}}",
        rf"\b(?:my|the|your|our|this|meine|ihre|die|unsere|der|la|ma|notre|votre|mi|su|il|mio|minha|a|mijn) {_REFERENCE} \d{{3,}}[\w/-]{{0,20}}",
        rf"\b(?:{_REFERENCE}) \d{{3,}}[\w-]{{0,20}}(?=[ ]?(?:[.,;:!?)]|\n|$)| {{2}})",
        r"\b(?:no|nr|number|nummer|numero|n[°º])[.:]{0,2}[ ]?\d[\w/-]{0,20}",
        r"\bpo[ -]?\d{3,}[\w-]{0,20}|\b[a-z]{2}\d{2}(?:[ ]?[a-z0-9]{4}){3,8}\b|\b[a-z]{2}\d{8,12}\b|\b\d{3,}-q\d+\b",
        r"\b(?:page|seite|pagina|position|pos|zeile|row|step|table|chapter|version|floor|room|etage|stock|windows|ios|raum|zimmer|saal|klasse|gebaude|salle|chambre|batiment|aula|despacho|habitacion|puerta|planta|kamer|lokaal|stanza|ufficio|kostenstelle|cost cent(?:er|re)|gate|dock)\.?[ ]\d+\b",
        # Spans of time, people, distances.
        rf"\b(?:\d{{1,4}}|{_NUMBER_WORD})(?:[ ]?(?:-|to|bis|a|or|oder|ou|o|of)[ ]?\d{{1,3}})?[ -](?:full |whole |ganze |working |business )?(?:{_SPANS})\b",
        r"\b\d'\d{1,2}\b",  # how tall people are
        r"\b\d+(?:st|nd|rd|th|eme|ste|de|ª|º|°(?!c))\b",
        r"\b(?:im|in|auf|al|no|el|au|de|the) \d{1,2}\.? ?(?:stock|etage|og|piano|piso|andar|verdieping|floor|stockwerk)\b",
        r"\b(?:of|between|from) the (?:two|three|four|five|six|seven|eight|nine|ten|dozen|\d{1,3}(?= [a-z]{4}))\b|\bder (?:beiden|zwei|drei)\b|\bdes (?:deux|trois)\b|\bde (?:las|los) (?:dos|tres)\b",
        # Phone numbers: many digits with separators, or a leading zero or plus.
        r"(?<![\w.])(?:\+|00)\d[\d ()./-]{6,20}\d\b",
        r"(?<![\w.])\(?0\d[\d ()./-]{5,18}\d\b|(?<![\w.])\(?\d{2,4}\)?[ ./-]\d{3,4}[ ./-]\d{3,4}\b",
    )
]  # fmt: skip


def masked_spans(low: str) -> list[Span]:
    """The ranges of a folded text in which no number counts anything, in order and merged."""
    return list(_masked(low))


@lru_cache(maxsize=4)  # the search for addresses and that for orders ask for the same text
def _masked(low: str) -> tuple[Span, ...]:
    found = sorted(match.span() for pattern in _PATTERNS for match in pattern.finditer(low))
    merged: list[Span] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def struck_spans(low: str) -> list[Span]:
    """The ranges that were struck out; lines with an empty box, where others have a tick."""
    found = [match.span() for match in _PATTERNS[0].finditer(low)]
    if _TICKED.search(low):
        found += [match.span() for match in _EMPTY_BOX.finditer(low)]
    return sorted(found)


def wire_spans(low: str) -> list[Span]:
    """Where e-mail and web addresses stand."""
    return [match.span() for pattern in _PATTERNS[1:3] for match in pattern.finditer(low)]


_NOTICE = re.compile(
    r"^[^\n]*?\b(?:confidential|confidenti?el|confidencia[il]\w*|vertraulich|vertrouwelijk|riservat[oaie]|intended (?:only|solely)|virus|before printing|print this|ausdrucken|imprimir|imprimer|stampare|afdrukken|printen)\b[^\n]*(?:\n[^\n]+)*",
    re.MULTILINE,
)
_OF_MAIL = re.compile(r"\b(?:e-?mails?|message|nachricht|courriel|mensaje|mensagem|messaggio|bericht|mail)\b")


def notice_spans(low: str) -> list[Span]:
    """Where the notices stand that offices put under every mail: "this e-mail and its 2 attachments are confidential"."""
    return [match.span() for match in _NOTICE.finditer(low) if _OF_MAIL.search(match[0])]


def without(low: str, spans: list[Span]) -> str:
    """The text with `spans` blanked out, same length, line breaks kept."""
    pieces, at = [], 0
    for start, end in spans:
        start = max(start, at)
        if end <= start:
            continue
        pieces.append(low[at:start])
        pieces.append("".join("\n" if c == "\n" else " " for c in low[start:end]))
        at = end
    pieces.append(low[at:])
    return "".join(pieces)
