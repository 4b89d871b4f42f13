"""Whether a mail asks for a copy of its invoice, in the eight languages that customers are answered in. Pure.

As in `inquiries` the text is folded first. Who asks for an invoice to pay, complains about what one says, or sends one,
asks something else.
"""

from __future__ import annotations

import re

from checkout_desk.desk.inquiries import LONGEST
from checkout_desk.reading.canonical import fold

_PAPER = (
    r"(?:invoices?|receipt|vat invoice|rechnung|rechnungskopie|quittung|beleg|facture|justificatif|recu d'achat|factura|"
    r"recibo|fatura|fattura|ricevuta|factuur|kassabon|bonnetje)"
)
_WANTS = (
    # en
    r"\b(?:send(?:ing)?|e-?mail(?:ing)?|forward(?:ing)?|get|have|need|want|like|provide|issue|resend|require|missing|lost|receive)\b[^.?!\n]{0,50}\bPAPER\b",
    r"\b(?:copy|duplicate|pdf) of (?:my|our|the|an|your)\b[^.?!\n]{0,20}\bPAPER\b|\bwhere (?:is|can i find|do i find)\b[^.?!\n]{0,16}\bPAPER\b",
    r"\bPAPER\b[^.?!\n]{0,30}\b(?:please|as (?:a )?pdf|for (?:my|our|the) (?:records|accounts?|tax\w*|books?|employer|expenses))\b",
    r"\b(?:not|never|no|n't)\b[^.?!\n]{0,24}\b(?:received?|got|gotten|had|find|seen)?\b[^.?!\n]{0,12}\bPAPER\b",
    # de: the verb may come first or last
    r"\b(?:brauche|brauchen|benotige\w*|schick\w*|send\w*|zusend\w*|hatte\w*|mocht\w*|bitte|kann|konn\w*|bekomm\w*|erhalt\w*|fehlt)\b[^.?!\n]{0,50}\b(?:PAPER|rechnungs\w+)\b",
    r"\b(?:PAPER|rechnungskopie)\b[^.?!\n]{0,50}\b(?:schick\w*|send\w*|zusend\w*|zuschick\w*|nicht|fehlt|benotig\w*|brauch\w*|haben|bekommen|mailen)\b|\bkopie (?:der|meiner|unserer)\b[^.?!\n]{0,12}\bPAPER\b",
    # fr
    r"\b(?:envoy\w+|besoin|recevoir|obtenir|transmettre|voudrais|souhait\w+|avoir|copie|duplicata|adresser|recu)\b[^.?!\n]{0,50}\bPAPER\b",
    # es, pt
    r"\b(?:envi\w+|mand\w+|necesit\w+|quier\w+|quisiera|podria\w*|puede\w*|copia|duplicado|recibi\w*|enviar\w*)\b[^.?!\n]{0,50}\bPAPER\b",
    r"\b(?:precis\w+|gostaria|poderia\w*|pode\w*|segunda via|recebi)\b[^.?!\n]{0,50}\bPAPER\b",
    # it
    r"\b(?:invi\w+|mandar\w*|serve|bisogno|vorrei|potre\w+|puo|avere|ricevut\w|copia)\b[^.?!\n]{0,50}\bPAPER\b",
    # nl
    r"\b(?:stur\w+|stuur|mail\w*|nodig|graag|kunt|kan|kun|krijg\w*|ontvang\w*|kopie)\b[^.?!\n]{0,50}\bPAPER\b",
    r"\bPAPER\b[^.?!\n]{0,40}\b(?:sturen|opsturen|toesturen|mailen|nodig|krijgen|ontvangen)\b",
)  # fmt: skip
_ASKS = re.compile(
    "|".join(pattern.replace("PAPER", _PAPER) for pattern in _WANTS)
    + r"|(?:請求書|領収書|インボイス)[^。\n]{0,24}(?:送|ください|下さい|お願い|ほしい|欲しい|必要|発行|再発行|届|まだ|もら|いただ)"
)
_OTHER = re.compile(
    (
        # a wrong one, one that is to be paid, one that comes along, and an order on invoice
        r"\b(?:pay|paid|paying|settle|settled|attached|enclosed|bezahl\w*|uberw\w*|anbei|angehangt|pay[ée]r?|regle\w*|ci-joint\w*|pagar\w*|pagad\w|"
        r"pago|adjunt\w*|pagu\w*|anex\w*|pagat\w|allegat\w|betaal\w*|betalen|bijgevoegd)\b[^.?!\n]{0,30}\bPAPER\b"
        r"|\bPAPER\b[^.?!\n]{0,30}\b(?:wrong|incorrect|mistake|correct(?:ed)?|change[ds]?|attached|enclosed|is paid|has been paid|falsch|"
        r"fehler\w*|stimmt|korrigier\w*|andern|anbei|erreur|fausse?|corriger|incorrect[ao]|corrig\w+|errad[ao]|sbagliat\w|errat\w|errore|fout|"
        r"klopt|onjuist|ci-joint\w*|adjunt\w*|allegat\w)\b"
        r"|\b(?:on|by|per|auf|op|sur|a fattura) (?:invoice|account|rechnung|factuur|facture)\b"
        r"|(?:請求書|領収書)[^。\n]{0,12}(?:間違|誤|違|訂正|修正|添付)"
    ).replace("PAPER", _PAPER)
)


def asks_invoice(text: str, subject: str = "") -> bool:
    """Whether a mail (the writer's own words, without quotes and signature) asks for a copy of an invoice."""
    folded = fold(f"{subject}\n{text[:LONGEST]}")
    return _OTHER.search(folded) is None and _ASKS.search(folded) is not None
