"""Addresses told like a form, in running words: 'the street is 418 Larkspur Lane, city Boise, state Idaho, zip 83702'.

The labels are no part of the values. What names a postcode is one wherever digits follow; 'city' and 'state' are names of
many things, and count only beside another label.
"""

from __future__ import annotations

import re

from checkout_desk.reading.model import Span

_BEFORE = r"(?<!\w)(?:(?:and|und|et|y|e|en) )?(?:(?:the|my|her|his|our|die|der|das|meine?|la|le|mon|ma|el|mi|il|a|o|de|het|mijn) )?"
_IS = r"(?: (?:is|ist|lautet|est|es|e|=))?:? "
_CODE = (
    r"(?:zip(?: ?code)?|post ?code|postal code|plz|postleitzahl|code postal|codigo postal|cep|cap|postcode)"
)
_TOWN = r"(?:city|town|post town|ort|stadt|wohnort|ville|ciudad|localidad|cidade|citta|plaats|woonplaats)"
_STATE = r"(?:state|county|province|provincia|estado|provinz|bundesland|kanton|country)"
_HOUSE = r"(?:house (?:number|no\.?)|hausnummer|huisnummer|numero(?: civico)?|street number)"
_STREET = r"(?:street(?: address)?|road|strasse|rue|calle|via|rua|straat)"
_LABEL = re.compile(
    rf"{_BEFORE}(?:(?P<code>{_CODE}){_IS}(?=\d{{4,5}}(?!\d)|\d{{5}}-|\d{{4}} ?[a-z]{{2}}\b|[a-z]{{1,2}}\d)"
    rf"|(?P<line>(?:address|adresse|anschrift|direccion|indirizzo|adres|morada|endereco) (?=\d))"
    rf"|(?P<house>{_HOUSE}){_IS}(?=\d)|(?P<town>{_TOWN}){_IS}(?!of\b|de\b|centre|center|hall)(?=[^\W\d])"
    rf"|(?P<state>{_STATE}){_IS}(?=[^\W\d])|(?P<street>{_STREET}) (?:is|ist|est|es|e) )"
)
_APART = re.compile(rf"{_BEFORE}{_CODE}{_IS}(?P<value>[a-z0-9][a-z0-9 -]{{2,10}})")


def labels(low: str) -> list[Span]:
    """Where the labels of a dictated address stand, the blank behind them included."""
    found = [(match.lastgroup or "", match.span()) for match in _LABEL.finditer(low)]
    several = len({kind for kind, _ in found}) > 1
    return [span for kind, span in found if several or kind in ("code", "line")]


def codes(low: str) -> list[Span]:
    """Where the values of postcodes stand that a label announces, wherever the rest of the address is."""
    return [match.span("value") for match in _APART.finditer(low)]
