"""Whether a mail asks where an order is, in the eight languages that customers are answered in. Pure.

The text is folded first (small letters, no accents), so the patterns are. A question about an invoice, an answer or a
refund that did not come is another one, and so is one about an order that is yet to be placed.
"""

from __future__ import annotations

import re

from checkout_desk.reading.canonical import fold

LONGEST = 6_000
"""signs at the beginning of a mail that are looked at: who asks does so early"""
_THING = {
    "en": r"(?:order|parcels?|packages?|delivery|shipment|goods|items?|box|things|stuff|purchase)",
    "de": r"(?:bestellung|paket|packchen|sendung|lieferung|ware|pakete)",
    "fr": r"(?:commande|colis|livraison|envoi|articles?|paquets?)",
    "es": r"(?:pedido|paquete|envio|compra|encargo)",
    "pt": r"(?:encomenda|pedido|pacote|compra|envio)",
    "it": r"(?:ordine|pacco|spedizione|consegna|merce|acquisto)",
    "nl": r"(?:bestelling|pakket|pakje|zending|levering|order)",
}
_ASKS = re.compile(
    "|".join(
        pattern.replace("THING", _THING[language])
        for language, pattern in (
            ("en", r"\bwhere(?:'s| is| are| has)\b[^.?!\n]{0,30}\bTHING\b"),
            ("en", r"\bwhen (?:will|does|is|can|should|do|may|might)\b[^.?!\n]{0,40}\b(?:arriv\w+|be delivered|be here|get here|come|turn up|expect|be sent|be shipped|ship|leave|receive)\b"),
            ("en", r"\b(?:has|have|had|did|is|are)(?:n't| not| yet| still| never|n't yet| it)*\b[^.?!\n]{0,40}\b(?:not|never|n't|yet)\b[^.?!\n]{0,20}\b(?:arrived?|come|turned up|been delivered|shown up|reached|been sent|shipped)\b"),
            ("en", r"\b(?:hasn't|haven't|didn't|isn't|still not|not yet|never) (?:yet )?(?:arrived?|come|turned up|been delivered|shown up|reached|received?|got|gotten|here)\b"),
            ("en", r"\b(?:has|was|is) (?:my|our|the|it)\b[^.?!\n]{0,30}\b(?:shipped|sent|dispatched|left|on (?:its|the) way)\b[^.!\n]{0,20}\?"),
            ("en", r"\b(?:status|whereabouts) of (?:my|our|the|this)\b[^.?!\n]{0,12}\bTHING\b|\border status\b"),
            ("en", r"\b(?:any )?(?:news|updates?|word|information|info)\b[^.?!\n]{0,12}\b(?:on|about|regarding|of|for) (?:my|our|the|this)\b[^.?!\n]{0,12}\bTHING\b"),
            ("en", r"\b(?:still )?waiting (?:for|on) (?:my|our|the)\b[^.?!\n]{0,20}\bTHING\b|\bwhat(?:'s| has|) happened (?:to|with) (?:my|our|the)\b[^.?!\n]{0,12}\bTHING\b"),
            ("en", r"\btrack(?:ing)?\b[^.?!\n]{0,12}\b(?:number|link|code|info\w*|my|our|the|it)\b[^.!\n]{0,30}\?|\b(?:send|give|have|need|what is|what's)\b[^.?!\n]{0,20}\btracking\b"),
            ("de", r"\bwo (?:ist|bleibt|sind|steckt|befindet sich)\b[^.?!\n]{0,30}\bTHING\b"),
            ("de", r"\bwann (?:kommt|kommen|wird|werden|kann|darf|ist|trifft|erhalte|bekomme|liefern|geht)\b[^.?!\n]{0,50}(?:\bTHING\b|\bankommen\b|\bgeliefert\b|\brechnen\b|\bzugestellt\b|\bverschickt\b|\bversendet\b|\ban\b|\bmein\w*\b)"),
            ("de", r"\b(?:noch )?(?:nicht|nichts|immer noch nicht|nie|noch nicht)\b[^.?!\n]{0,20}\b(?:angekommen|erhalten|da\b|eingetroffen|bekommen|geliefert|zugestellt|verschickt|versendet)"),
            ("de", r"\b(?:warte|warten)\b[^.?!\n]{0,20}\b(?:auf )\b[^.?!\n]{0,20}\bTHING\b|\bstand (?:meiner|unserer|der)\b[^.?!\n]{0,12}\bTHING\b|\b(?:lieferstatus|sendungsstatus|versandstatus|bestellstatus)\b"),
            ("de", r"\b(?:sendungsnummer|trackingnummer|paketnummer|sendungsverfolgung|tracking)\b[^.!\n]{0,60}\?|\b(?:wurde|ist)\b[^.?!\n]{0,30}\b(?:verschickt|versendet|versandt|unterwegs)\b[^.!\n]{0,12}\?"),
            ("fr", r"\bou (?:est|en est|se trouve|sont|reste)\b[^.?!\n]{0,30}\bTHING\b"),
            ("fr", r"\bquand\b[^.?!\n]{0,40}\b(?:arriv\w+|livree?s?|recevrai\w*|recevoir|recevrons|expediee?s?|expedier\w*|envoyee?s?|sera)\b"),
            ("fr", r"\b(?:pas|rien|jamais|toujours pas|pas encore)\b[^.?!\n]{0,16}\b(?:recue?s?|arrivee?s?|livree?s?|expediee?s?)\b"),
            ("fr", r"\b(?:suivi|statut|etat|nouvelles?)\b[^.?!\n]{0,16}\b(?:de|du|d'|concernant)\b[^.?!\n]{0,12}\bTHING\b|\bnumero de suivi\b|\b(?:attends?|attendons)\b[^.?!\n]{0,20}\bTHING\b"),
            ("es", r"\b(?:donde|en donde|por donde) (?:esta|estan|se encuentra|anda|va)\b[^.?!\n]{0,30}\bTHING\b"),
            ("es", r"\bcuando\b[^.?!\n]{0,40}\b(?:lleg\w+|recib\w+|entreg\w+|envi\w+|sale|saldra)\b"),
            ("es", r"\b(?:no|nunca|todavia no|aun no)\b[^.?!\n]{0,20}\b(?:ha llegado|he recibido|hemos recibido|llega|me llego|me ha llegado|recibi|han entregado|ha salido)\b"),
            ("es", r"\b(?:estado|seguimiento|noticias)\b[^.?!\n]{0,16}\b(?:de|del|sobre)\b[^.?!\n]{0,12}\bTHING\b|\bnumero de seguimiento\b|\b(?:sigo|seguimos) esperando\b"),
            ("pt", r"\b(?:onde|por onde) (?:esta|estao|anda|se encontra|fica)\b[^.?!\n]{0,30}\bTHING\b"),
            ("pt", r"\bquando\b[^.?!\n]{0,40}\b(?:cheg\w+|receb\w+|entreg\w+|envia\w+|sai)\b"),
            ("pt", r"\b(?:nao|nunca|ainda nao)\b[^.?!\n]{0,20}\b(?:chegou|recebi|recebemos|foi entregue|entregaram|saiu)\b"),
            ("pt", r"\b(?:estado|ponto de situacao|seguimento|rastreio|noticias)\b[^.?!\n]{0,16}\b(?:da|do|sobre)\b[^.?!\n]{0,12}\bTHING\b|\b(?:numero|codigo) de (?:seguimento|rastreio)\b|\bcontinuo a espera\b"),
            ("it", r"\b(?:dove|dov'e|dove si) (?:e|sono|trova|sta)?\b[^.?!\n]{0,30}\bTHING\b"),
            ("it", r"\bquando\b[^.?!\n]{0,40}\b(?:arriv\w+|ricever\w+|consegn\w+|spedi\w+|parte)\b"),
            ("it", r"\b(?:non|mai|non ancora)\b[^.?!\n]{0,20}\b(?:arrivat\w|ricevut\w|consegnat\w|spedit\w)\b"),
            ("it", r"\b(?:stato|notizie)\b[^.?!\n]{0,16}\b(?:del|della|dell'|sul|sulla)\b[^.?!\n]{0,12}\bTHING\b|\b(?:numero|codice) di (?:tracciamento|spedizione|tracking)\b|\b(?:sto|stiamo) ancora aspettando\b"),
            ("nl", r"\bwaar (?:is|blijft|zijn|zit|bevindt)\b[^.?!\n]{0,30}\bTHING\b"),
            ("nl", r"\bwanneer\b[^.?!\n]{0,40}\b(?:kom\w*|arriveert|aankom\w+|bezorgd|geleverd|verwacht\w*|verzonden|verstuurd|ontvang\w*)\b"),
            ("nl", r"\b(?:niet|nog niet|nooit|niets|nog steeds niet)\b[^.?!\n]{0,20}\b(?:ontvangen|aangekomen|binnen|geleverd|bezorgd|gekregen|verzonden)\b"),
            ("nl", r"\b(?:status|stand)\b[^.?!\n]{0,10}\bvan (?:mijn|onze|de)\b[^.?!\n]{0,12}\bTHING\b|\b(?:track ?(?:&|and|en)? ?trace|trackingnummer|tracking)\b|\bwacht\w*\b[^.?!\n]{0,16}\bop\b[^.?!\n]{0,16}\bTHING\b"),
        )
    )
    # Japanese writes without blanks: what is ordered, and that it is awaited, in either order.
    + r"|(?:注文|商品|荷物|品物|配送|発送)[^。\n]{0,20}(?:どこ|いつ|届(?:き|い|か|く)|まだ|状況|追跡)|いつ[^。\n]{0,10}(?:届|発送|到着|着)|まだ[^。\n]{0,12}(?:届|着い|発送)|追跡番号|(?:配送|発送)状況"
)  # fmt: skip
_OTHER = re.compile(
    r"(?:\b(?:not|never|no|yet)|n't) (?:yet )?(?:received?|got|gotten|had|seen)\b[^.?!\n]{0,24}\b(?:invoice|quote|offer|receipt|refund|answer|reply|response|confirmation|e-?mail|price|money|link)\b"
    r"|\b(?:if|when|before) (?:i|we) (?:order|ordered|place|buy)\b|\b(?:would|could) (?:it|they|you) (?:arrive|deliver|ship)\b[^.?!\n]{0,20}\bif\b"
    r"|\b(?:rechnung|angebot|antwort|bestatigung|gutschrift|erstattung|e-?mail)\b[^.?!\n]{0,24}\b(?:nicht|noch nicht|keine)\b[^.?!\n]{0,16}\b(?:erhalten|bekommen|angekommen)\b|\b(?:keine|noch keine) (?:rechnung|antwort|bestatigung|mail|erstattung)\b"
    r"|\b(?:wenn|falls) (?:ich|wir)\b[^.?!\n]{0,20}\bbestell\w*|\bsi (?:je|nous) (?:commande|commandons)\b|\bsi (?:pido|hago el pedido|encargo)\b|\bse (?:encomendar|ordino|ordinassi)\b|\bals (?:ik|we|wij)\b[^.?!\n]{0,16}\bbestel"
    r"|\b(?:pas|pas encore) recu\b[^.?!\n]{0,16}\b(?:facture|devis|reponse|confirmation|remboursement)\b|\bno (?:he|hemos) recibido\b[^.?!\n]{0,16}\b(?:factura|presupuesto|respuesta|confirmacion|reembolso)\b"
    r"|\bnao (?:recebi|recebemos)\b[^.?!\n]{0,16}\b(?:fatura|orcamento|resposta|confirmacao|reembolso)\b|\bnon ho (?:ancora )?ricevuto\b[^.?!\n]{0,16}\b(?:fattura|preventivo|risposta|conferma|rimborso)\b"
    r"|\bgeen (?:factuur|offerte|antwoord|bevestiging)\b|\b(?:factuur|offerte|antwoord|bevestiging)\b[^.?!\n]{0,20}\bniet ontvangen\b|(?:請求書|見積|領収書|返信|返金)[^。\n]{0,10}(?:届|まだ|いつ)"
)
_NUMBER = re.compile(
    r"(?:\b(?:order|bestellung|bestellnummer|auftrag|commande|pedido|encomenda|ordine|bestelling|ordernummer)\b[^\d\n]{0,12}|#|(?:注文|注文番号)[^\d\n]{0,4})(\d{4,9})(?!\d)"
)


def asks_where(text: str, subject: str = "") -> bool:
    """Whether a mail (the writer's own words, without quotes and signature) asks where an order is or when it comes."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    return _ASKS.search(_OTHER.sub(" ", folded)) is not None


def numbers(text: str, subject: str = "") -> list[int]:
    """The order numbers that a mail names, each once, in the order in which they stand."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    return list(dict.fromkeys(int(found) for found in _NUMBER.findall(folded)))
