"""In which language a mail is written, by its commonest words; enough to know what "a", "once" or "due" mean there."""

from __future__ import annotations

import re
from functools import lru_cache

COMMON_OF = {
    "en": "the and of to please i would like for you is my with thanks thank hello hi dear can send order we have your are this at it"
    " regards kind order need want could some me in not thank before after until since while about would love very just only if but they their",
    "de": "und der die das ich bitte mochte mit fur sie ist hallo danke guten tag wir ihnen nicht den dem zu mir uns von auf auch noch"
    " stellen stelle senden schicken liefern geben machen lassen bestelle bestellung grusse gruss gern hatte nehme eine einen schicken liebe sehr herren lg an brauche ohne statt vor nach bis seit wahrend uber unter wenn aber nur sehr unser unsere dann",
    "fr": "et le les des je vous bonjour merci pour est avec s'il plait voudrais nous dans sur aussi commande cordialement bien"
    " souhaite une mon votre du j'ai au aux salut que qu'il pas sans rue besoin avant apres depuis pendant sous entre mais tres si chez",
    "es": "y el los las hola gracias por favor porfa porfi quiero para con quisiera necesito buenos dias buenas pedido mi es que nos del enviar"
    " saludos pido calle una un de direccion me al tardes sin antes desde hasta sobre muy pero si entre",
    "pt": "e os as ola obrigado obrigada por favor quero para com gostaria preciso bom dia boa encomenda morada do da dos queria"
    " nao eu uma meu minha rua oi no em sem encomendar tarde antes ate desde muito mas entre",
    "it": "e il gli buongiorno grazie per favore vorrei con ordine della di salve ordinare prendo spedire mi sono non una un che"
    " via le ciao cordiali saluti indirizzo del vi senza buonasera prima dopo fino molto ma tra se",
    "nl": "en het een ik graag bestellen hallo dank voor met wil van jullie niet mijn naar groeten bedankt aub alstublieft bestelling"
    " de te aan wij mij ook nog u straat zonder goedendag voordat na tot sinds heel maar als verder",
}
# Numbers and articles tell a language where two lines of a list are all there is: "due pirofile da 22 cm e una da 30".
_COUNTED = {
    "en": "two three four five seven eight nine ten twelve both each dozen also",
    "de": "zwei drei vier funf sechs sieben acht neun zehn zwolf dazu sowie je stuck ein einen",
    "fr": "deux trois quatre cinq sept huit neuf douze du de un ainsi aussi douzaine",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez doce docena tambien unos unas",
    "pt": "dois duas tres quatro cinco oito nove dez doze duzia tambem um",
    "it": "due tre quattro cinque sei sette otto nove dieci dodici dozzina da dei delle anche un",
    "nl": "twee drie vier vijf zes zeven acht negen tien twaalf dozijn stuks plus",
}
COMMON_IN = {language: frozenset(words.split()) for language, words in COMMON_OF.items()}
_SETS = {language: words | frozenset(_COUNTED[language].split()) for language, words in COMMON_IN.items()}
COMMON = frozenset().union(*COMMON_IN.values())
"""the commonest words of all languages: none of them is a slip for a product"""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_EAST = re.compile("[\u3041-\u30ff]")


@lru_cache(maxsize=8)  # more than one stage of a reading wants to know
def language_of(low: str, *, default: str = "en") -> str:
    """The ISO 639 code of the language of a folded text; `default` when nothing tells."""
    head = low[:4_000]
    if len(_EAST.findall(head)) > 3:
        return "ja"
    words = _WORD.findall(head)
    scores = {language: sum(map(common.__contains__, words)) for language, common in _SETS.items()}
    best = max(scores, key=lambda language: (scores[language], language == default))
    return best if scores[best] else default


def of_sentence(low: str, mail: str) -> str:
    """The language of one sentence of a mail in the language `mail`: another one only where it is plainly another.

    'Sorry, my French is not perfect. Je voudrais un arrosoir': there "un" counts, and in English it does not.
    """
    if mail == "ja":
        return mail
    words = _WORD.findall(low[:400])
    own = sum(map(_SETS[mail].__contains__, words))
    if own * 2 >= len(words) or len(words) < 4:
        return mail
    scores = {language: sum(map(common.__contains__, words)) for language, common in _SETS.items()}
    best = max(scores, key=lambda language: (scores[language], language == mail))
    return best if scores[best] >= max(3, own + 2) else mail
