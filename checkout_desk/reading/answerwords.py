"""The words around a bare answer, in the languages that customers write: politeness, labels, ordinals, refusals."""

from __future__ import annotations

import re

from checkout_desk.reading.addresscues import LABELS

FILLERS = frozenset(
    "it's its it is i'd i'll i we'd we'll we me us my our would like want need take have make please pls plz thanks thank you thx very much many ok okay"
    " sure yes yeah yep yup sorry hi hello hey dear all just only exactly then of course oh ah right so in that's that this here sure! cheers best love"
    " ist es das sind ich wir nehme nehmen mochte mochten hatte hatten gern gerne brauche brauchen bitte danke vielen dank ja jawohl genau nur also dann"
    " entschuldigung hallo klar sicher schon naturlich gut"
    " c'est ce sera je nous voudrais voudrions prends prendrai prenons oui merci s'il vous plait svp seulement juste alors pardon bonjour bien sur d'accord"
    " es son seria quiero quisiera queremos necesito si gracias por favor solo pues perdon hola claro vale muchas"
    " sao seria quero queria queremos preciso sim obrigado obrigada apenas entao desculpe ola claro"
    " sono sarebbe vorrei vogliamo prendo si grazie per favore solo allora scusi ciao certo"
    " het dit ik wij wil willen neem graag ja bedankt dank je u alsjeblieft alstublieft aub alleen dus sorry natuurlijk goed"
    " です はい お願いします".split()
)
NO_PLACE = FILLERS | frozenset(
    "no not none nothing maybe perhaps later soon tomorrow today unknown same above below attached hm hmm what why who when nein nicht kein keine non"
    " pas rien nada nao nee niet geen niente done noted perfect great fine good nice super sent greetings regards yours kind friendly sincerely".split()
)
"""capitals at the head of a line make no town of these"""

PRONOUNS = frozenset(
    "one ones it them those these version variant option choice model type kind product item article"
    " variante version modell ausfuhrung artikel produkt celui celle ceux celles modele produit articulo producto modelo opcion artigo produto"
    " quello quella quelli quelle modello articolo prodotto versione uitvoering die dat deze dieses diese dieser diesen jene".split()
)

_NUMBER_TAIL = (
    r"(?:x|pcs?|pieces?|units?|of (?:them|those|these|it|each)|each|items?|stuck|stk\.?|stueck|davon|von (?:denen|ihnen|diesen)|mal|pieces?|pezzi|unites?|exemplaires?"
    r"|d'entre eux|unidades?|uds?|de ellos|de ellas|pecas?|deles|delas|di questi|stuks?|ervan|個|つ|本|枚|点|セット)"
)
NUMBER_TAIL = re.compile(rf"(?:\s*{_NUMBER_TAIL})+\.?")

_SMALL_WORDS = r"(?:(?:the|my|our|his|her|your|die|der|das|meine?|unsere?|le|la|l'|mon|ma|notre|el|mi|il|lo|mio|mia|o|a|minha|meu|de|het|mijn|full|complete|correct) ?)*"
_LABEL_WORDS = {
    **LABELS,
    "name": rf"{LABELS['name']}|name on the parcel|name for the parcel",
    "phone": r"(?:tele)?phone(?: number)?|tel\.?|mobile(?: number)?|telefon\w*|handy\w*|telephone|numero(?: de telephone)?|telefono|telefone|telemovel|cellulare|telefoonnummer|電話番号?",
    "quantity": r"quantity|qty|how many|number|amount|anzahl|menge|stuckzahl|quantite|nombre|cantidad|quantidade|quantita|aantal|数量|個数",
}
_IS = r"\s*(?::|=|\bis\b|\bist\b|\blautet\b|\best\b|\bes\b|\be\b|\bshould be\b|\bwould be\b|は)\s*:?\s*"
LABEL = {
    gap: re.compile(rf"{_SMALL_WORDS}(?:{words}){_IS}")
    for gap, words in _LABEL_WORDS.items()
    if gap not in ("first", "last", "place", "line2")
}
"""field -> what stands before its value: 'the postcode is', 'PLZ:'"""

_ORDINAL_WORDS = (
    r"first|1st|erste[rnsm]?|1\.|premier|premiere|1er|1re|primer[oa]?|primeir[oa]|prim[oa]|eerste|former|upper|1番目|一番目|最初",
    r"second|2nd|zweite[rnsm]?|2\.|deuxieme|seconde?|2e|2eme|segund[oa]|second[oa]|tweede|2番目|二番目",
    r"third|3rd|dritte[rnsm]?|3\.|troisieme|3e|3eme|tercer[oa]?|terceir[oa]|terz[oa]|derde|3番目|三番目",
    r"fourth|4th|vierte[rnsm]?|4\.|quatrieme|4e|cuart[oa]|quart[oa]|vierde|4番目",
    r"fifth|5th|funfte[rnsm]?|5\.|cinquieme|5e|quint[oa]|vijfde|5番目",
)
_LAST = r"last|latter|letzte[rnsm]?|dernier|derniere|ultim[oa]|laatste|最後"
_NUMBERED = r"(?:number|no\.?|nr\.?|nummer|option|choice|numero|n[o°º]\.?|opcion|opcao|opzione|optie)\s*(?P<digit>[1-9])"
ORDINAL = re.compile(
    rf"{_SMALL_WORDS}(?:{_NUMBERED}|"
    + "|".join(f"(?P<n{number}>{words})" for number, words in enumerate(_ORDINAL_WORDS, 1))
    + rf"|(?P<last>{_LAST}))(?:\s*(?:{'|'.join(sorted(PRONOUNS, key=len, reverse=True))}|on the list|in the list))?"
)
CHEAPER = re.compile(
    r"\b(?:cheap(?:er|est)|less expensive|lower[- ]priced|gunstiger\w*|gunstigste\w*|billiger\w*|billigste\w*|moins che\w+|mas barat[oa]|mais barat[oa]|meno car[oa]|piu economic[oa]|goedkop\w+)\b"
)
DEARER = re.compile(
    r"\b(?:(?:more|most) expensive|dear(?:er|est)|pricier|teurer\w*|teuerste\w*|plus che\w+|mas car[oa]|mais car[oa]|piu car[oa]|duurder\w*|duurste)\b"
)
MONEY = re.compile(
    r"(?:[£$€¥]|eur|usd|gbp|chf)\s?(\d{1,6}(?:[.,]\d{2})?)(?![\d.,]*\d)|(?<![\d.,])(\d{1,6}(?:[.,]\d{2})?)\s?(?:[£$€¥]|eur\b|euros?\b|usd\b|gbp\b|chf\b|pounds?\b|dollars?\b|quid\b)"
)
YES = re.compile(
    r"(?:yes|yeah|yep|yup|correct|right|exactly|that'?s (?:it|right|the one)|ja|genau|richtig|oui|exact(?:ement)?|c'est ca|si|exacto|sim|exato|esatto|klopt|はい)"
)

NOT = re.compile(
    r"\b(?:not|no|don'?t|do not|nicht|kein\w*|pas|non|nao|niet|geen|sin|without|neither|nor|instead|rather than|or|oder|ou|of(?= de)|oppure)\b"
)
"""with one of these a choice is not plainly said"""

REFUSAL = re.compile(
    r"\b(?:(?:do not|don'?t|dont|no longer) (?:want|need|like)|leave (?:it |them )?(?:out|off)|(?:leave|take) [^.!?\n]{2,40} (?:out|off)|forget(?: about)?|drop|skip|remove|scratch|scrap|without|never mind"
    r"|lassen? (?:sie )?[^.!?\n]{0,40}weg|(?:brauche|mochte|will|wollen|brauchen|nehme) [^.!?\n]{0,40}(?:nicht|kein\w*)|streichen|ohne|verzichte"
    r"|(?:ne )?(?:veux|voulons|souhaite|prends) (?:pas|plus)|laissez tomber|enlevez|retirez|supprimez|sans"
    r"|no (?:quiero|queremos|necesito)|quiten?|eliminen?|sin|nao (?:quero|queremos|preciso)|retire[mn]?|tire[mn]?|sem"
    r"|non (?:voglio|vogliamo|prendo)|togliete|tolga|senza|lasciate stare|laat [^.!?\n]{0,40}(?:weg|zitten)|(?:wil|hoef|neem) [^.!?\n]{0,40}(?:niet|geen)|schrap|zonder)\b"
    r"|^(?:then |dann |alors |entonces |dan )?(?:no|kein\w{0,2}|pas de|geen|nessun\w?)\s(?!\d)|いりません|不要|やめ|なしで"
)
NONE_OF = re.compile(
    r"\b(?:none of (?:these|them|those)|neither(?: of (?:these|them|those))?|keine[rns]?(?: davon| von (?:beiden|diesen|denen))|aucun\w*(?: des deux)?|ninguno(?: de ellos)?|ninguna|nenhum\w*|nessun[oa]|geen van (?:beide|deze))\b"
)
