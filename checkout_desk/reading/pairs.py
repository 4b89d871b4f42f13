"""Which goods are sold in pairs: two pairs of gloves are two, and 'unas tijeras' are one."""

from __future__ import annotations

import re

from checkout_desk.reading.codes import Mention
from checkout_desk.reading.sentence import Sentence


def sold_in_pairs(here: Sentence, mention: Mention) -> bool:
    """Whether one piece of a product is a pair: two pairs of gloves are two."""
    for sku in mention.skus:
        entry = here.scene.catalogue.entries[sku]
        name = f" {' '.join((entry.name, *entry.aliases)).casefold()} "
        if re.search(
            r"pair|paar|paire|glove|handschuh|handschoen|guante|guanti|gants|sock|calcetin|calze|chausette|shoe|schuh|schoen|zapato|scarpe|boot|trouser|jeans|legging|shorts|scissor|tijera|forbic|earring|ohrring|slipper|mitten"
            r"|headphone|kopfhörer|cuffie|casque|auricular|earbud|sunglass|lunettes|gafas|occhiali|plier|tweezer|binocular|fernglas",
            name,
        ):
            return True
    return False
