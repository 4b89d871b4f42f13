"""What kind of question a mail asks: where the order is, a copy of the invoice, a return, an exchange, another address.

One place that names it, in the eight languages that customers are answered in. Pure: the text is folded first (small letters, no
accents), so the patterns are. It only proposes an answer; nothing is sent or changed because of it.
"""

from __future__ import annotations

import re

from checkout_desk.desk.inquiries import LONGEST, asks_where
from checkout_desk.desk.invoice_inquiries import asks_invoice
from checkout_desk.reading.canonical import fold

_ADDRESS = (
    r"(?:(?:delivery|shipping|postal|street) )?address\b",
    r"(?:liefer|versand|empfanger)?(?:adresse|anschrift)\b",
    r"adresse\b",
    r"direccion\b",
    r"(?:morada|endereco)\b",
    r"indirizzo\b",
    r"(?:bezorg|aflever|verzend|post)?adres\b",
)
"""the word for it: en, de, fr, es, pt, it, nl"""
_OTHERWISE = (
    r"(?:chang\w+|updat\w+|correct\w*|amend\w*|wrong|incorrect|new|different|another|mistake in|typo in|error in|moved)",
    r"(?:ander\w*|geandert\w*|anderung|korrigier\w*|neue[nrs]?|falsche?[nrs]?|umgezogen|aktualisier\w*|fehler|tippfehler|stimmt nicht)",
    r"(?:chang\w+|modifi\w+|corrig\w+|mauvaise|nouvelle|autre|erreur|fausse|demenage\w*|incorrecte)",
    r"(?:cambi\w+|modific\w+|correg\w+|corrij\w+|actualiz\w+|nueva|otra|equivocad\w+|incorrecta|error|mal|mudado)",
    r"(?:mud\w+|alter\w+|corrig\w+|atualiz\w+|nov[ao]|outr[ao]|errad[ao]|incorret[ao]|engan\w+|erro)",
    r"(?:cambi\w+|modific\w+|corregg\w+|aggiorn\w+|nuovo|altro|diverso|sbagliat\w|errat\w|errore|trasferit\w)",
    r"(?:wijzig\w+|verander\w+|aanpas\w+|gewijzigd|ander|nieuwe?|verkeerde?|foute?|onjuiste?|verhuisd|klopt niet|corrigeren)",
)
_CHANGE = re.compile(
    "|".join(
        rf"\b{other}[^.?!\n]{{0,40}}\b{word}|\b{word}[^.?!\n]{{0,40}}\b{other}\b"
        for word, other in zip(_ADDRESS, _OTHERWISE, strict=True)
    )
    + r"|\b(?:send|ship|deliver) (?:it|them|this|my order|the order|the parcel) (?:to|at) (?:a|an|my|our) (?:different|new|other)\b"
    + r"|(?:住所|届け先|届先|配送先|送付先|お届け先)[^。\n]{0,16}(?:変更|変え|間違|誤|訂正|修正|違)"
)
_OTHER_ADDRESS = re.compile(
    r"\b(?:e-?mail|billing|invoice|web|ip|rechnungs?)[ -]?(?:address|adresse|anschrift|adres)\b|\b(?:address|adresse|direccion|morada|"
    r"indirizzo|adres)\b[^.?!\n]{0,16}\b(?:e-?mail|factur\w+|fatur\w+|fattur\w+)\b|\b(?:invoice|rechnung|facture|factura|fatura|fattura|"
    r"factuur)\b[^.?!\n]{0,40}\b(?:address|adresse|direccion|morada|indirizzo|adres)\b|メールアドレス"
)
"""an address that no parcel goes to"""
_EXCHANGE = re.compile(
    r"\b(?:exchang(?:e|ing)|swap(?:ping)?)\b(?! rates?\b)(?: of e-?mails?\b)?"
    r"|\b(?:umtausch\w*|umzutauschen|austausch(?:en|bar)?|auszutauschen|eintauschen|tauschen)\b"
    r"|\bechang(?:er|ez|erais|ee?s?)\b|\b(?:un|en|l.)echange\b|\bechange (?:de taille|de couleur|contre|possible)\b"
    r"|\bcambi(?:ar|arl[oa]s?|o)\b[^.?!\n]{0,40}\b(?:por|talla|color|tamano|modelo)\b"
    r"|\btroc(?:ar|a-l[oa]|ar-\w+|a)\b"
    r"|\b(?:cambi(?:are|arl[oa]|o)|sostitu\w+)\b[^.?!\n]{0,40}\b(?:con|taglia|colore|misura|modello|merce|articol\w|prodott\w)\b|\bcambiarl[oaie]\b"
    r"|\b(?:ruilen|omruilen|omwisselen|ruil|om te ruilen)\b"
    r"|交換"
)
_NOT_EXCHANGE = re.compile(
    r"\bexchange (?:rates?|of (?:e-?mails?|letters?|views))\b|wechselkurs|taux de change|tipo de cambio"
)
_RETURN = re.compile(
    r"\b(?:like|want|need|wish|going|how (?:do|can|may|should) (?:i|we)|(?:can|could|may|might|shall) (?:i|we)|please|possible)\b[^.?!\n]{0,24}\b(?:return\b(?! (?:(?:my|the|your|our) )?(?:e-?mail|address|calls?|receipt|favou?r)\b)|send\b[^.?!\n]{0,40}\bback\b)"
    r"|\breturn(?:ing)? (?:it|them|this|these|those|one|two|some|part|an? (?:item|product|mug|order)|the (?:\w+ )?\w+|my (?:\w+ )?(?:order|parcel|purchase|item)s?)\b|\breturn(?:s)? (?:label|form|policy|slip|instructions)\b|\bsend(?:ing)? (?:it|them|this|these|the \w+) back\b"
    r"|\b(?:zuruck(?:zu)?(?:schicken|senden|geben)|retour(?:e|en|nieren|niere|nschein|nlabel|netikett)?|ruck(?:sendung|gabe|sendeetikett|sendelabel)\w*|widerruf\w*|widerrufen)\b|\b(?:schick\w*|send\w*|geb\w*)\b[^.?!\n]{0,40}\bzuruck\b"
    r"|\b(?:retourner|renvoyer|renvoie|retourne|faire un retour|bon de retour|etiquette (?:de )?retour|retractation|me retracter)\b"
    r"|\b(?:devolver(?:l[oa]s?|te|les)?|devolucion|devuelvo)\b|\b(?:devolver|devolve-l[oa]s?|devolucao|devolvo)\b"
    r"|\b(?:restituir\w*|restituzione|(?:fare|effettuare|per) (?:un|il) reso|un reso|rispedir\w*|rendere (?:l'|il |la |i |le |un|quest)|mandar\w* indietro)"
    r"|\b(?:retourneren|retour (?:sturen|zenden)|retourzending|retourlabel|terug(?:sturen|zenden|gestuurd)|terug te (?:sturen|zenden))\b|\b(?:stuur|zend)\b[^.?!\n]{0,40}\bterug\b"
    r"|返品|返送(?:したい|方法|先|でき)"
)  # fmt: skip


def kind_of(text: str, subject: str = "") -> str:
    """'address_change', 'exchange', 'return', 'invoice' or 'order_status' for what a mail asks (the writer's own words, without
    quotes and signature); '' for anything else. Of several kinds the one that changes something comes first."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    if _CHANGE.search(_OTHER_ADDRESS.sub(" ", folded)):
        return "address_change"
    if _EXCHANGE.search(_NOT_EXCHANGE.sub(" ", folded)):
        return "exchange"
    if _RETURN.search(folded):
        return "return"
    if asks_invoice(text, subject):
        return "invoice"
    return "order_status" if asks_where(text, subject) else ""
