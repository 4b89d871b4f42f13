"""Where a carrier shows a parcel on its way, in the customer's language as far as the carrier speaks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Page:
    """A carrier's page. `address` names {number}, and {language} or {country} where the carrier has several."""

    address: str
    languages: tuple[str, ...] = ()
    """the languages that {language} can be; the first stands in for all others"""
    countries: tuple[tuple[str, str], ...] = ()
    """by country the address of its own page"""
    default_country: str = ""


def _of(*pairs: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair[:2], pair[3:]) for pair in pairs)


_DHL_COUNTRIES = ("de", "at", "be", "ch", "es", "fr", "gb", "ie", "it", "nl", "pl", "pt", "us")
PAGES: dict[str, Page] = {
    "ups": Page(
        "https://www.ups.com/track?loc={language}_{country}&tracknum={number}",
        ("en", "de", "fr", "es", "it", "nl", "pt", "ja"),
        default_country="US",
    ),
    "fedex": Page("https://www.fedex.com/fedextrack/?trknbr={number}"),
    "usps": Page("https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
    "dhl": Page(
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
        countries=_of(
            "DE=https://www.dhl.de/{language}/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
            *(
                f"{c.upper()}=https://www.dhl.com/{c}-{{language}}/home/tracking.html?tracking-id={{number}}"
                for c in _DHL_COUNTRIES[1:]
            ),
        ),
        languages=("en", "de", "fr", "es", "it", "nl", "pt"),
    ),
    "dpd": Page(
        "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang={language}&parcelNumber={number}",
        ("en", "de", "fr", "nl"),
        countries=_of(
            "DE=https://tracking.dpd.de/status/{language}_DE/parcel/{number}",
            "FR=https://trace.dpd.fr/fr/trace/{number}",
            "GB=https://track.dpd.co.uk/parcels/{number}",
        ),
    ),
    "gls": Page(
        "https://gls-group.com/GROUP/en/parcel-tracking/?match={number}",
        ("en", "de", "fr", "it"),
        countries=_of(
            "DE=https://gls-group.com/DE/de/paketverfolgung/?match={number}",
            "FR=https://gls-group.com/FR/fr/suivi-colis/?match={number}",
        ),
    ),
    "royal_mail": Page("https://www.royalmail.com/track-your-item#/tracking-results/{number}"),
    "parcelforce": Page("https://www.parcelforce.com/track-trace?trackNumber={number}"),
    "evri": Page("https://www.evri.com/track/parcel/{number}"),
    "hermes": Page(
        "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}"
    ),
    "yodel": Page("https://www.yodel.co.uk/tracking/{number}"),
    "colissimo": Page(
        "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    ),
    "chronopost": Page(
        "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}&langue={language}",
        ("en", "fr"),
    ),
    "postnl": Page("https://jouw.postnl.nl/track-and-trace/{number}-{country}", default_country="NL"),
    "bpost": Page("https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang={language}", ("en", "fr", "nl", "de")),
    "canada_post": Page(
        "https://www.canadapost-postescanada.ca/track-reperage/{language}#/search?searchFor={number}", ("en", "fr")
    ),
    "australia_post": Page("https://auspost.com.au/mypost/track/#/details/{number}"),
    "japan_post": Page(
        "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}&locale={language}", ("en", "ja")
    ),
    "yamato": Page("https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id={number}"),
    "sagawa": Page("https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={number}"),
    "swiss_post": Page("https://service.post.ch/ekp-web/ui/entry/search/{number}?lang={language}", ("en", "de", "fr", "it")),
    "austrian_post": Page("https://www.post.at/sv/sendungsdetails?snr={number}"),
    "an_post": Page("https://www.anpost.com/Post-Parcels/Track/History?item={number}"),
    "correos": Page("https://www.correos.es/{language}/es/tools/tracker/items/details?tracking-number={number}", ("es",)),
    "poste_italiane": Page("https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}"),
    "ctt": Page("https://www.ctt.pt/feapl_2/app/open/objectSearch/objectSearch.jspx?objects={number}&lang={language}", ("pt", "en")),
    "postnord": Page("https://tracking.postnord.com/en/?id={number}"),
    "inpost": Page("https://inpost.pl/sledzenie-przesylek?number={number}"),
}  # fmt: skip


def link(carrier: str, number: str, *, language: str, country: str = "") -> str:
    """The page of a parcel, or '' for carriers that have none we know of.

    `carrier` as in `numbers.CARRIERS`; `language` and `country` (ISO 639, 3166) are the customer's.
    """
    page = PAGES.get(carrier)
    if page is None or not number:
        return ""
    address = dict(page.countries).get(country, page.address)
    known = page.languages
    spoken = language if language in known else (known[0] if known else language)
    if carrier == "dhl" and country == "DE":
        spoken = "de" if language == "de" else "en"
    return filled(address, number, language=spoken, country=country or page.default_country)


def filled(address: str, number: str, *, language: str, country: str = "") -> str:
    """An address with its parts put in; what comes from outside is quoted, so that it cannot leave its place."""
    return (
        address.replace("{number}", quote(number, safe=""))
        .replace("{language}", quote(language, safe=""))
        .replace("{country}", quote(country, safe=""))
    )
