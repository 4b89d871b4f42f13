"""What a mail as a whole is about, where that decides whether its numbers order: offers wanted, payments, thanks, letters that sell.

A single sentence cannot tell: the rows of a request for quotation look like those of an order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from checkout_desk.reading.patterns import quick
from checkout_desk.reading.scene import Statement

_NO_ORDER = quick(
    r"\b(?:this|it) (?:is|isn'?t) (?:not )?(?:an?|yet an?) (?:firm )?order\b(?<!is an order)(?<!is a firm order)|\bnot (?:yet )?an? (?:firm )?order\b|\bno order yet\b|\bnot (?:ready to )?order(?:ing)? (?:anything )?(?:yet|now)\b"
    r"|\b(?:dies|das) ist (?:noch )?keine bestellung|\bnoch keine bestellung|\bn'est pas (?:encore )?une commande|\bno es (?:aun |todavia )?un pedido|\bnao e (?:ainda )?uma encomenda|\bnon e (?:ancora )?un ordine|\b(?:is|dit is) (?:nog )?geen bestelling|注文ではありません"
    r"|\bnothing (?:for now|right now|at the moment|just yet|yet)\b|\bnot (?:for )?now\b|\b(?:jetzt|momentan|vorerst|vorlaufig) (?:noch )?nichts\b|\brien pour (?:l'instant|le moment)|\bnada (?:por ahora|de momento|por agora)|\bper ora (?:niente|nulla)|\bvoorlopig (?:nog )?niets"
)
_THESE_MANY = (
    r"(?:(?:at|for|on|with|in) (?:these|those|such) (?:quantities|numbers|volumes|amounts)|(?:bei|fur|zu) (?:diese[nr]?|solche[nr]?) (?:mengen?|stuckzahl(?:en)?|abnahmemengen?)"
    r"|(?:pour|a|sur) (?:ces|cette|de telles) quantites?|(?:para|por|con) (?:estas?|esas?|essas?|tais) (?:cantidad(?:es)?|quantidades?)|(?:per|con) (?:quest[ae]|tali) quantita|(?:voor|bij) (?:deze|die|zulke) (?:aantallen|hoeveelhe\w+))"
)
# "What would you charge for these quantities?": the rows above are what a price is wanted for.
_PRICED = quick(
    rf"\b(?:what|was|quel\w*|que|qual|quant\w+|quale?|wat|welke|wie ?viel|combien|cuanto|hoeveel|how much|berechn\w+|verlang\w+|charge|price|preise?|konditionen|conditions|tarif\w*|prix|precios?|precos?|prezz[oi]|prij\w+)\b[^.!?\n]{{0,60}}\b{_THESE_MANY}\b"
    rf"|\b{_THESE_MANY}\b[^.!?\n]{{0,60}}\b(?:berechn\w+|verlang\w+|charge|cost|price|preise?|kost\w+|konditionen|tarif\w*|prix|precios?|precos?|prezz[oi]|prij\w+)\b"
    r"|\bwhat (?:would|do|could|will|can) you charge\b|\bwas (?:wurden|berechnen|verlangen) sie (?:uns |mir |dafur )*(?:berechnen|verlangen)?\b(?= ?(?:bei|fur|dafur|uns|mir|$))|\b(?:looking for|seeking|suche[nt]?) (?:an? |einen )?(?:new |neuen )?(?:supplier|lieferanten)\b"
)
_UNDECIDED = quick(
    r"\b(?:i|we)(?:'ll| will| can)(?: then)? (?:decide|choose|make up my mind|think about it)\b|\b(?:then|before) (?:i|we)(?:'ll| will)? decide\b|\bbefore (?:i|we) (?:order|place)|\bthen (?:i|we)(?:'ll| will)? (?:order|place (?:an|the|my|our) order)(?= ?(?:[.!?,;)\n]|$))|\bhaven'?t decided|\b(?:dann|danach) entscheide\w* (?:ich|wir)|\b(?:dann|danach) bestelle\w* (?:ich|wir)(?= ?(?:[.!?,;)\n]|$))|\bbevor (?:ich|wir) bestelle"
    r"|\bje (?:me )?deciderai|\bavant de commander|\bantes de (?:pedir|encargar|encomendar|decidir)|\bluego decid\w+|\bprima di ordinare|\bpoi decid\w+|\bvoordat (?:ik|we|wij) bestel|\bdan beslis"
)
_QUOTATION = quick(
    r"\b(?:please|kindly) quote\b|\bquote (?:your|us|me)\b|\brfq\b|\brequest for (?:a )?(?:quotation|quote|pricing|prices|proposal)\b|\b(?:quotation|quote|offer|prices?|pricing) (?:for|on|of) (?:the following|\d)"
    r"|\b(?:send|give|make|need|want|like|have|get|provide|prepare|receive|obtain)\b[^.!?\n]{0,24}\b(?:quotation|quote|offer|best price)s?\b"
    r"|\b(?:um|bitte|ein|ihr|dein)\w* angebot\b|\bangebot (?:uber|fur|zu|zukommen|machen|erstellen|unterbreiten|senden|schicken)|\bpreisanfrage\b"
    r"|\bdevis\b|\boffre de prix\b|\bpresupuesto\b|\bcotizacion\b|\bcotiza\w*\b|\borcamento\b|\bcotacao\b|\bpreventivo\b|\bofferta per\b|\bofferte\b|\bprijsopgave\b|見積(?!で|じゃ)"
)
_EARLIER_OFFER = quick(
    r"\b(?:as per|per|according to|based on|with reference to|referring to|accept|from|against|in) (?:the |your |our )?(?:\w+ ){0,2}(?:quote|quotation|offer|special offer)|\b(?:your|the|this|accept(?:ing)?) (?:quote|quotation|offer)\b|\b(?:laut|gemass|auf|zu|aus|mit|aufgrund|nehme\w*) (?:\w+ )?(?:ihre?[mrns]?|dein\w*|eure\w*|dem|das) angebot|\bselon (?:votre|le) devis|\bsuivant (?:votre|le) devis"
    r"|\b(?:segun|conforme) (?:su|el|o|vosso) (?:presupuesto|orcamento)|\bcome da (?:vostro )?preventivo|\bvolgens (?:uw|jullie|de) offerte|\bauftrag\b"
    r"|\b(?:votre|vos) devis\b|\bihr(?:em|en|es)? angebot\b|\bsu (?:presupuesto|cotizacion)\b|\b(?:vostro|suo) preventivo\b|\b(?:uw|jullie) offerte\b|\b(?:vosso|seu) orcamento\b"
)
_THANKS = quick(
    r"\b(?:(?:just|only|nur|juste) (?:a |ein |un )?(?:quick |short |kurz(?:es|er)? )?(?:note|word|line|mot|gruss|message|dank\w*) (?:to|um|pour|de)|wanted to say|wollte nur sagen|voulais (?:juste|simplement) (?:vous )?dire)\b"
)
_SELLS = re.compile(
    r"\b(?:we are|we're|as) (?:an? )?(?:\w+[- ]){0,3}(?:manufacturer|factory|supplier|exporter|wholesaler|agency|marketing company|team of)|\bmoq\b|\bfrom (?:our )?factory\b|\b(?:interested in|about) our (?:products|services|offer)|\bdear (?:sir|madam|manager|purchas\w+|owner|friend|ceo|site|website|business|user|customer)\b|\bhi owner\b"
    r"|\bour (?:price list|factory|services|company)\b|\bfob\b|\b(?:increase|boost|grow) your\b|\bwir sind ein (?:fuhrender )?(?:hersteller|lieferant)|\bfabricant de\b|\bsomos (?:un )?fabricante"
)
_BAITS = quick(
    r"\b(?:followers|likes|seo|backlinks?|first page|page (?:1|one) of google|ranking|guest post|casino|bonus|crypto\w*|bitcoin|lottery|jackpot|viagra|loan|investment|inheritance|free (?:audit|trial|consultation)|million (?:usd|dollars|euros?)|web ?design|lead generation|traffic|won a|winner)\b"
    r"|\b(?:verify|confirm|update|validate) your (?:account|mailbox|password|identity|payment|details)|\b(?:account|mailbox|access)[^.\n]{0,40}\b(?:suspended|deactivated|blocked|closed|locked|limited|full)|\bmailbox\b[^.\n]{0,40}\b(?:full|quota|storage)|\bclick (?:here|the link|below)|\bpassword (?:expires|expired|will expire)|\bkonto (?:wurde |wird )?gesperrt|\bverifizieren sie\b|\bcliquez ici\b|\bhaga clic\b"
)
_APPLIES = quick(
    r"\b(?:apply|applying|application) (?:for|to) (?:a |the |your |this )?(?:\w+ ){0,3}(?:job|position|role|post|vacancy|internship|apprenticeship|work)|\b(?:saturday|summer|part[- ]time|weekend) job\b|\b(?:my|attached) (?:cv|resume|curriculum)\b|\b(?:work|job) (?:for|with|at) (?:you|your)\b|\bbewerbung\b|\bbewerbe? mich\b|\bpraktikum\b|\bcandidature\b|\boffre d'emploi\b|\bcurriculum\b|\bsollicit(?:atie|eer|eren)\b|\bvacature\b"
)
_MEETS = quick(
    r"\b(?:shall we (?:say|meet)|meeting|let'?s meet|meet (?:up|you|on|at)|appointment|i'?ll bring|termin|treffen|rendez-vous|reunion|cita|riunione|appuntamento|afspraak)\b"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a mail wants as a whole. At most a few of these are true of one mail."""

    quotes: bool = False
    declines: bool = False
    thanks: bool = False
    sells: bool = False
    applies: bool = False
    meets: bool = False


@lru_cache(maxsize=4)  # the kind of a mail and its statements ask for the same text
def intent_of(low: str) -> Intent:
    """The intent of a folded text, subject and body."""
    head = low[:12_000]
    quotes = _QUOTATION.search(head) is not None and _EARLIER_OFFER.search(head) is None
    sells = 2 * len(set(_BAITS.findall(head))) + len({m[0] for m in _SELLS.finditer(head)})
    return Intent(
        quotes=quotes,
        declines=any(pattern.search(head) for pattern in (_NO_ORDER, _UNDECIDED, _PRICED)),
        thanks=_THANKS.search(head) is not None,
        sells=sells >= 3,
        applies=_APPLIES.search(head) is not None,
        meets=_MEETS.search(head) is not None,
    )


def hold_back(statements: Sequence[Statement], intent: Intent, *, paid: bool) -> None:
    """Turn into mere naming what a mail of this intent does not order.

    A sentence that orders in its own words stands beside a wish for an offer or a word about a payment; rows, lists and
    what is called by a definite article ("the 2 chain locks") do not.
    """
    clearly = any(s.mood == "order" and not s.definite and not s.seen for s in statements)
    for statement in statements:
        unknown = not statement.skus
        if (
            intent.declines
            or (unknown and (intent.sells or intent.applies or intent.meets))
            or (intent.quotes and (statement.mood != "order" or not statement.own_words))
            or (
                paid
                and (statement.definite or statement.mood != "order")
                and not (clearly and statement.mood == "plain" and not statement.definite)
            )
        ):
            statement.seen = True
        elif intent.sells or intent.applies or (intent.thanks and statement.mood != "order"):
            statement.seen = statement.seen or statement.mood != "order"
