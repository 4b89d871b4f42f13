"""'The invoice says 3 burrata, only 2 came': what was billed, listed or found in a parcel is told, not ordered."""

from __future__ import annotations

from checkout_desk.reading.patterns import quick

_BILL = (
    r"(?:invoice|receipt|delivery note|packing (?:slip|list|note)|rechnung|lieferschein|packzettel|kassenbon|facture|bon de livraison|bordereau|factura|albaran|fac?tura|guia de remessa"
    r"|nota fiscal|fattura|bolla|ddt|factuur|pakbon)(?: (?:no|nr|number|numero|nummer)\b\.?)?[ \d/#.:-]{0,20}"
)
_LISTS = (
    r"(?:says?|shows?|lists?|states?|reads|mentions|has(?= (?:only )?\d)|you (?:list|have put|charge)|it says|weist|figure(?:nt)?|indique|mentionne|comporte|vous (?:avez mis|comptez)|figuran?|pone"
    r"|constan?|aparecen?|indica|constam?|aparecem|diz|risultan?o?|riporta|vermeldt)\b"
)
# These tell what is on it only behind "on" or "in": the invoice itself may "be" or "stand" somewhere in an order.
_ON_IT = r"(?:there (?:is|are|was|were)|i see|steht|stehen|sind|waren|werden|wurden|finden sich|il y a|je (?:vois|lis)|hay|veo|estao|vejo|ci sono|c'e|vedo|staat|staan|zie ik)\b"
_ON = r"(?:on|in|auf|sur|dans|en|na|nella|sulla|op) (?:\w+ )?"
_PARCEL = r"(?:box|parcel|package|paket|karton|packchen|colis|carton|paquet|caja|paquete|caixa|encomenda|pacco|scatola|doos|pakket)"
BILLED = quick(
    rf"\b{_BILL}{_LISTS}|\b{_ON}{_BILL}{_ON_IT}|\b(?:there (?:is|are|was|were)|il y (?:a|avait)|hay|habia|ci sono|er staan|es stehen|ha) [^.!?\n]{{1,40}} {_ON}{_BILL}"
    rf"|\b(?:according to|as per|laut|gemass|d'apres|segun|secondo|volgens) (?:\w+ )?{_BILL}[^.!?\n]{{1,60}}\b(?:only|just|but|nur|aber|geliefert|seulement|mais|livre\w*|solo|pero|so|mas|ma|maar|geleverd|slechts)\b"
    r"|\b(?:you(?:'ve| have)?|was|were|been|got) (?:already |wrongly |mistakenly )?(?:billed|charged|invoiced)\b|\bin rechnung gestellt\b|\b(?:habe?n?|hat|wurden?) [^.!?\n]{1,60}\b(?:berechnet|verrechnet|abgebucht)\b"
    r"|\b(?:avez|a|ont|ai ete|avons ete|ete) (?:factur|debit)es?\b|\b(?:avez|a|ont|ai ete|avons ete|ete) facturee?s?\b|\b(?:han?|has|habeis) (?:cobrado|facturado)\b|\b(?:me|nos) (?:cobr|factur)(?:aron|asteis)\b"
    r"|\b(?:cobraram|fac?turaram|debitaram)\b|\b(?:foi|foram|fui|fomos) (?:cobrad|fac?turad)[oa]s?\b|\b(?:avete|ha|hanno|stat[oaie]) (?:fatturat|addebitat)[oaie]\b|\b(?:in rekening gebracht|gefactureerd)\b"
    rf"|\b(?:there were|i found|waren|lagen|etaient|avais|venian|habia|vieram|estavam|c'er\w+|zaten)\b[^.!?\n]{{0,20}}\b(?:only|just|nur|que|seulement|solo|so|solamente|apenas|maar|slechts)\b[^.!?\n]{{0,30}}\b(?:in|im|dans|en|na|nel|nella)\b[^.!?\n]{{0,6}}\b{_PARCEL}\b"
    r"|請求書[^。\n]{0,40}(?:なって|記載され|書かれ|載って|とあり)|請求され|納品書(?:では|には)|届いたのは|しか(?:届|入っ)"
)
