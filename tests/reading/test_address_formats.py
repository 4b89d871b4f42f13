"""Formats of addresses by country, in every dress: in a block, on one line, in small letters, shouted, amid a sentence, in a form.

What a carrier needs stays whole: a flat, a floor, a quarter or a box goes into the second line, never away.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from tests.reading.test_address_matrix import BYE, LEAD, ORDER, PARTS, at, found, parts

FORMATS = [
    at("en", "Priya Shah|41 Kingsmead Road|Bristol|BS4 2QF|England", name="Priya Shah", line1="41 Kingsmead Road", city="Bristol", postcode="BS4 2QF", country="GB"),
    at("en", "Tom Okafor|7 Albion Wharf|Flat 12|Manchester M3 4JN|UK", name="Tom Okafor", line1="7 Albion Wharf", line2="Flat 12", city="Manchester", postcode="M3 4JN", country="GB"),
    at("en", "Lesley Crane|The Old Bakery, Church Street|Hay-on-Wye|HR3 5DQ|Wales", name="Lesley Crane", line1="Church Street", line2="The Old Bakery", city="Hay-on-Wye", postcode="HR3 5DQ", country="GB"),
    at("en", "Moira Kerr|3/2, 114 Byres Road|Glasgow|G12 8TB|Scotland", name="Moira Kerr", line1="114 Byres Road", line2="3/2", city="Glasgow", postcode="G12 8TB", country="GB"),
    at("en", "Gareth Rees|22 Heol y Bont|Aberystwyth|SY23 1PY|Wales", name="Gareth Rees", line1="22 Heol y Bont", city="Aberystwyth", postcode="SY23 1PY", country="GB"),
    at("en", "Anne Poole|Plot 9 Saxon Fields|Biddenham|Bedford|MK40 4AX", name="Anne Poole", line1="Plot 9 Saxon Fields", line2="Biddenham", city="Bedford", postcode="MK40 4AX", country="GB"),
    at("en", "Ciara Dolan|8 Woodlawn Heights|Letterkenny|Co. Donegal|F92 D5X0|Ireland", name="Ciara Dolan", line1="8 Woodlawn Heights", city="Letterkenny", region="Co. Donegal", postcode="F92 D5X0", country="IE"),
    at("en", "Paddy Quinn|Ballyvara|Doolin|Co. Clare|V95 X2K4|Ireland", name="Paddy Quinn", line1="Ballyvara", city="Doolin", region="Co. Clare", postcode="V95 X2K4", country="IE"),
    at("en", "Marcus Bell|2204 NW 23rd Ave|Portland, OR 97210|USA", name="Marcus Bell", line1="2204 NW 23rd Ave", city="Portland", region="OR", postcode="97210", country="US"),
    at("en", "Jenna Fritz|815 E 7th St|Apt 3B|Austin, TX 78702|United States", name="Jenna Fritz", line1="815 E 7th St", line2="Apt 3B", city="Austin", region="TX", postcode="78702", country="US"),
    at("en", "Roy Tanaka|500 Ala Moana Blvd|Suite 400|Honolulu, HI 96813-4902", name="Roy Tanaka", line1="500 Ala Moana Blvd", line2="Suite 400", city="Honolulu", region="HI", postcode="96813-4902", country="US"),
    at("en", "Dee Adams|PO Box 771|Taos, New Mexico 87571|USA", name="Dee Adams", line1="PO Box 771", city="Taos", region="New Mexico", postcode="87571", country="US"),
    at("en", "Lena Ortiz|N6840 County Road F|Elkhorn, WI 53121", name="Lena Ortiz", line1="N6840 County Road F", city="Elkhorn", region="WI", postcode="53121", country="US"),
    at("en", "Sam Hill|123½ Elm Street|Dayton OH 45402", name="Sam Hill", line1="123½ Elm Street", city="Dayton", region="OH", postcode="45402", country="US"),
    at("en", "Joan Leduc|1450 Barclay Street|Unit 804|Vancouver BC  V6G 1J6|Canada", name="Joan Leduc", line1="1450 Barclay Street", line2="Unit 804", city="Vancouver", region="BC", postcode="V6G 1J6", country="CA"),
    at("fr", "Luc Gagnon|3575, avenue du Parc|bureau 201|Montréal (Québec)  H2X 3P9|Canada", name="Luc Gagnon", line1="3575, avenue du Parc", line2="bureau 201", city="Montréal", region="Québec", postcode="H2X 3P9", country="CA"),
    at("en", "Bronte Clarke|Unit 5/18 Ormond Street|Paddington NSW 2021|Australia", name="Bronte Clarke", line1="Unit 5/18 Ormond Street", city="Paddington", region="NSW", postcode="2021", country="AU"),
    at("en", "Liam Nguyen|PO Box 219|Fremantle WA 6959", name="Liam Nguyen", line1="PO Box 219", city="Fremantle", region="WA", postcode="6959", country="AU"),
    at("en", "Hana Pohatu|42B Rimu Street|Titirangi|Auckland 0604|New Zealand", name="Hana Pohatu", line1="42B Rimu Street", line2="Titirangi", city="Auckland", postcode="0604", country="NZ"),
    at("en", "Anil Mehta|14/2 Residency Road|Indore, Madhya Pradesh 452001|India", name="Anil Mehta", line1="14/2 Residency Road", city="Indore", region="Madhya Pradesh", postcode="452001", country="IN"),
    at("en", "Tan Mei Ling|Blk 123 Ang Mo Kio Ave 6|#08-145|Singapore 560123", name="Tan Mei Ling", line1="Blk 123 Ang Mo Kio Ave 6", line2="#08-145", city="Singapore", postcode="560123", country="SG"),
    at("en", "Thabo Nkosi|12 Loop Street|Cape Town|8001|South Africa", name="Thabo Nkosi", line1="12 Loop Street", city="Cape Town", postcode="8001", country="ZA"),
    at("de", "Jutta Wegener|Große Bergstraße 219|Hinterhaus|22767 Hamburg|Deutschland", name="Jutta Wegener", line1="Große Bergstraße 219", line2="Hinterhaus", city="Hamburg", postcode="22767", country="DE"),
    at("de", "Familie Öztürk|Karl-Marx-Allee 93 A|10243 Berlin", name="Familie Öztürk", line1="Karl-Marx-Allee 93 A", city="Berlin", postcode="10243", country="DE"),
    at("de", "Sven Petersen|Schulstr. 12b|c/o Hansen|24937 Flensburg|Deutschland", name="Sven Petersen", line1="Schulstr. 12b", line2="c/o Hansen", city="Flensburg", postcode="24937", country="DE"),
    at("de", "Ute Brandt|Am Sonnenhang 7|D-97080 Würzburg", name="Ute Brandt", line1="Am Sonnenhang 7", city="Würzburg", postcode="97080", country="DE"),
    at("de", "Jan Kowalski|Q7, 24|68161 Mannheim", name="Jan Kowalski", line1="Q7, 24", city="Mannheim", postcode="68161", country="DE"),
    at("de", "Rita Lamm|Zum Alten Zollhaus 3-5|3. OG links|28195 Bremen|Deutschland", name="Rita Lamm", line1="Zum Alten Zollhaus 3-5", line2="3. OG links", city="Bremen", postcode="28195", country="DE"),
    at("de", "Heinz Ott|Postfach 31 02 44|80102 München", name="Heinz Ott", line1="Postfach 31 02 44", city="München", postcode="80102", country="DE"),
    at("de", "Mag. Eva Gruber|Mariahilfer Straße 88a/2/14|1070 Wien|Österreich", name="Mag. Eva Gruber", line1="Mariahilfer Straße 88a/2/14", city="Wien", postcode="1070", country="AT"),
    at("de", "Sepp Huber|Dorf 47|6361 Hopfgarten|Österreich", name="Sepp Huber", line1="Dorf 47", city="Hopfgarten", postcode="6361", country="AT"),
    at("de", "Karin Wolf|Neubaugasse 12, Stiege 3, Top 9|A-1070 Wien", name="Karin Wolf", line1="Neubaugasse 12", line2="Stiege 3, Top 9", city="Wien", postcode="1070", country="AT"),
    at("de", "Reto Ammann|Bahnhofstrasse 21|8001 Zürich|Schweiz", name="Reto Ammann", line1="Bahnhofstrasse 21", city="Zürich", postcode="8001", country="CH"),
    at("de", "Vreni Zgraggen|Im Grund 4|Postfach|CH-6460 Altdorf UR", name="Vreni Zgraggen", line1="Im Grund 4", line2="Postfach", city="Altdorf UR", postcode="6460", country="CH"),
    at("fr", "Anne Rochat|Chemin des Vignes 14bis|1009 Pully|Suisse", name="Anne Rochat", line1="Chemin des Vignes 14bis", city="Pully", postcode="1009", country="CH"),
    at("it", "Sara Bernasconi|Via Nassa 5|6900 Lugano|Svizzera", name="Sara Bernasconi", line1="Via Nassa 5", city="Lugano", postcode="6900", country="CH"),
    at("fr", "Hélène Marchand|27 bis, rue des Trois-Frères|Bâtiment B|75018 Paris|France", name="Hélène Marchand", line1="27 bis, rue des Trois-Frères", line2="Bâtiment B", city="Paris", postcode="75018", country="FR"),
    at("fr", "Karim Benali|Résidence Les Tilleuls, appt 14|13100 Aix-en-Provence", name="Karim Benali", line1="Résidence Les Tilleuls", line2="appt 14", city="Aix-en-Provence", postcode="13100", country="FR"),
    at("fr", "Odile Garnier|4 lotissement Les Chênes|35530 Noyal-sur-Vilaine|France", name="Odile Garnier", line1="4 lotissement Les Chênes", city="Noyal-sur-Vilaine", postcode="35530", country="FR"),
    at("fr", "Jean-Marc Petit|Lieu-dit Kerbihan|56400 Auray", name="Jean-Marc Petit", line1="Lieu-dit Kerbihan", city="Auray", postcode="56400", country="FR"),
    at("fr", "Société Lumex|ZA des Platanes|33700 Mérignac Cedex", name="Société Lumex", line1="ZA des Platanes", city="Mérignac Cedex", postcode="33700", country="FR"),
    at("fr", "Nadia Hamel|12 place de l'Église|14000 Caen|France", name="Nadia Hamel", line1="12 place de l'Église", city="Caen", postcode="14000", country="FR"),
    at("fr", "Benoît Lambert|Rue de la Loi 16 boîte 4|1000 Bruxelles|Belgique", name="Benoît Lambert", line1="Rue de la Loi 16 boîte 4", city="Bruxelles", postcode="1000", country="BE"),
    at("fr", "Claire Weber|12, rue du Fossé|L-1536 Luxembourg|Luxembourg", name="Claire Weber", line1="12, rue du Fossé", city="Luxembourg", postcode="1536", country="LU"),
    at("nl", "Jef Peeters|Kerkstraat 45 bus 2|2060 Antwerpen|België", name="Jef Peeters", line1="Kerkstraat 45 bus 2", city="Antwerpen", postcode="2060", country="BE"),
    at("nl", "Sanne Bakker|Van Woustraat 118-2|1073 LT Amsterdam|Nederland", name="Sanne Bakker", line1="Van Woustraat 118-2", city="Amsterdam", postcode="1073 LT", country="NL"),
    at("nl", "Kees de Boer|1e Helmersstraat 22 hs|1054DG Amsterdam", name="Kees de Boer", line1="1e Helmersstraat 22 hs", city="Amsterdam", postcode="1054DG", country="NL"),
    at("nl", "fam. Jansen|Dorpsstraat 5A|8391 XJ Noordwolde|Nederland", name="fam. Jansen", line1="Dorpsstraat 5A", city="Noordwolde", postcode="8391 XJ", country="NL"),
    at("nl", "Marieke Vos|Plein 1944 nr. 8|6511 JD Nijmegen", name="Marieke Vos", line1="Plein 1944 nr. 8", city="Nijmegen", postcode="6511 JD", country="NL"),
    at("nl", "Piet Smit|Postbus 1240|3500 BE Utrecht", name="Piet Smit", line1="Postbus 1240", city="Utrecht", postcode="3500 BE", country="NL"),
    at("es", "Nuria Serra|C/ Balmes, 145|3º 2ª|08008 Barcelona|España", name="Nuria Serra", line1="C/ Balmes, 145", line2="3º 2ª", city="Barcelona", postcode="08008", country="ES"),
    at("es", "Javier Ortega|Avda. de la Constitución nº 23|bajo dcha.|41001 Sevilla", name="Javier Ortega", line1="Avda. de la Constitución nº 23", line2="bajo dcha.", city="Sevilla", postcode="41001", country="ES"),
    at("es", "Lucía Fernández|Plaza Mayor 4|piso 2 puerta B|47001 Valladolid (Valladolid)|España", name="Lucía Fernández", line1="Plaza Mayor 4", line2="piso 2 puerta B", city="Valladolid", region="Valladolid", postcode="47001", country="ES"),
    at("es", "Ferretería Gómez|Polígono Industrial Las Eras, nave 7|50197 Zaragoza", name="Ferretería Gómez", line1="Polígono Industrial Las Eras", line2="nave 7", city="Zaragoza", postcode="50197", country="ES"),
    at("es", "Rosa Marín|Ctra. de Cádiz km 12|29620 Torremolinos|España", name="Rosa Marín", line1="Ctra. de Cádiz km 12", city="Torremolinos", postcode="29620", country="ES"),
    at("es", "Diego Salas|Calle Durango 245|Int. 302|06700 Ciudad de México, CDMX|México", name="Diego Salas", line1="Calle Durango 245", line2="Int. 302", city="Ciudad de México", region="CDMX", postcode="06700", country="MX"),
    at("es", "Marta Paz|Av. Cabildo 2270|4º B|C1428AAS Buenos Aires|Argentina", name="Marta Paz", line1="Av. Cabildo 2270", line2="4º B", city="Buenos Aires", postcode="C1428AAS", country="AR"),
    at("es", "Pablo Rojas|Av. Providencia 1208|depto 54|Providencia|7500571 Santiago|Chile", name="Pablo Rojas", line1="Av. Providencia 1208", line2="depto 54, Providencia", city="Santiago", postcode="7500571", country="CL"),
    at("es", "Ana Gil|Calle 72 # 10-34|Bogotá 110231|Colombia", name="Ana Gil", line1="Calle 72 # 10-34", city="Bogotá", postcode="110231", country="CO"),
    at("pt", "Teresa Lopes|Rua do Carmo, n.º 15|2.º Esq.|1200-093 Lisboa|Portugal", name="Teresa Lopes", line1="Rua do Carmo, n.º 15", line2="2.º Esq.", city="Lisboa", postcode="1200-093", country="PT"),
    at("pt", "Nuno Faria|Praceta das Oliveiras, lote 4|2780-123 Oeiras", name="Nuno Faria", line1="Praceta das Oliveiras", line2="lote 4", city="Oeiras", postcode="2780-123", country="PT"),
    at("pt", "Sandra Melo|Estrada da Circunvalação 8020|4200-163 Porto|Portugal", name="Sandra Melo", line1="Estrada da Circunvalação 8020", city="Porto", postcode="4200-163", country="PT"),
    at("pt", "Rafael Lima|Rua Oscar Freire, 379|apto 71|Jardins|São Paulo - SP|01426-001|Brasil", name="Rafael Lima", line1="Rua Oscar Freire, 379", line2="apto 71, Jardins", city="São Paulo", region="SP", postcode="01426-001", country="BR"),
    at("pt", "Carla Souza|Av. Atlântica, 1702|bloco B, apto 1203|Rio de Janeiro/RJ|22021-001", name="Carla Souza", line1="Av. Atlântica, 1702", line2="bloco B, apto 1203", city="Rio de Janeiro", region="RJ", postcode="22021-001", country="BR"),
    at("it", "Elena Conti|Via dei Mille 18|scala B, int. 7|00185 Roma (RM)|Italia", name="Elena Conti", line1="Via dei Mille 18", line2="scala B, int. 7", city="Roma", region="RM", postcode="00185", country="IT"),
    at("it", "Luca Bruno|Corso Garibaldi, 72/A|20121 Milano MI", name="Luca Bruno", line1="Corso Garibaldi, 72/A", city="Milano", region="MI", postcode="20121", country="IT"),
    at("it", "Paola Ferri|Località Pian del Voglio snc|50033 Firenzuola FI|Italia", name="Paola Ferri", line1="Località Pian del Voglio snc", city="Firenzuola", region="FI", postcode="50033", country="IT"),
    at("it", "Studio Neri|Piazza Duomo 3|73100 Lecce (LE)", name="Studio Neri", line1="Piazza Duomo 3", city="Lecce", region="LE", postcode="73100", country="IT"),
    at("it", "Gianni Galli|Fraz. Monteluco 14|06049 Spoleto PG|Italia", name="Gianni Galli", line1="Fraz. Monteluco 14", city="Spoleto", region="PG", postcode="06049", country="IT"),
    at("en", "Ewa Zielińska|ul. Piotrkowska 58 m. 4|90-105 Łódź|Poland", name="Ewa Zielińska", line1="ul. Piotrkowska 58 m. 4", city="Łódź", postcode="90-105", country="PL"),
    at("en", "Petr Dvořák|Vinohradská 1511/230|100 00 Praha 10|Czechia", name="Petr Dvořák", line1="Vinohradská 1511/230", city="Praha 10", postcode="100 00", country="CZ"),
    at("en", "Erik Lind|Sveavägen 44|4 tr|111 34 Stockholm|Sweden", name="Erik Lind", line1="Sveavägen 44", line2="4 tr", city="Stockholm", postcode="111 34", country="SE"),
    at("en", "Kari Moen|Karl Johans gate 22|0162 Oslo|Norway", name="Kari Moen", line1="Karl Johans gate 22", city="Oslo", postcode="0162", country="NO"),
    at("en", "Mette Sørensen|Nørrebrogade 66, 3. th.|2200 København N|Denmark", name="Mette Sørensen", line1="Nørrebrogade 66", line2="3. th.", city="København N", postcode="2200", country="DK"),
    at("en", "Aino Laine|Aleksanterinkatu 15 B 22|00100 Helsinki|Finland", name="Aino Laine", line1="Aleksanterinkatu 15 B 22", city="Helsinki", postcode="00100", country="FI"),
    at("en", "Nagy Anna|Váci utca 19-21|1052 Budapest|Hungary", name="Nagy Anna", line1="Váci utca 19-21", city="Budapest", postcode="1052", country="HU"),
    at("en", "Eleni Pappa|Leoforos Kifisias 44|151 25 Marousi|Greece", name="Eleni Pappa", line1="Leoforos Kifisias 44", city="Marousi", postcode="151 25", country="GR"),
    at("en", "Chan Ka Wai|Flat B, 12/F, 38 Hennessy Road|Wan Chai|Hong Kong", name="Chan Ka Wai", line1="38 Hennessy Road", line2="Flat B, 12/F", city="Wan Chai", country="HK"),
    at("en", "Omar Haddad|Villa 14, Street 23|Dubai|United Arab Emirates", name="Omar Haddad", line1="Street 23", line2="Villa 14", city="Dubai", country="AE"),
    at("en", "Kim Minji|45 Teheran-ro|Seoul 06159|South Korea", name="Kim Minji", line1="45 Teheran-ro", city="Seoul", postcode="06159", country="KR"),
    at("en", "Ken Sato|3-14-5 Shibuya|Shibuya-ku, Tokyo 150-0002|Japan", name="Ken Sato", line1="3-14-5 Shibuya", city="Shibuya-ku", region="Tokyo", postcode="150-0002", country="JP"),
]  # fmt: skip

AMID = {
    "en": "Could you post 2 blue mugs to {}? Many thanks.", "de": "Bitte schicken Sie 2 blaue Tassen an {}. Vielen Dank!",
    "fr": "Merci d'envoyer 2 tasses bleues à {}. Bonne journée !", "es": "Por favor envíen 2 tazas azules a {}. Muchas gracias.",
    "it": "Potete spedire 2 tazze blu a {}? Grazie mille.", "nl": "Kunnen jullie 2 blauwe mokken sturen naar {}? Alvast bedankt.",
    "pt": "Podem enviar 2 canecas azuis para {}? Muito obrigado.",
}  # fmt: skip
FORM = {
    "en": "Name|Street|Address line 2|Town|County|Postcode|Country", "de": "Name|Straße|Adresszusatz|Ort|Bundesland|PLZ|Land",
    "fr": "Nom|Adresse|Complément|Ville|Région|Code postal|Pays", "es": "Nombre|Dirección|Piso|Población|Provincia|Código postal|País",
    "it": "Nome|Indirizzo|Interno|Città|Provincia|CAP|Paese", "nl": "Naam|Straat|Toevoeging|Plaats|Provincie|Postcode|Land",
    "pt": "Nome|Morada|Complemento|Localidade|Estado|Código postal|País",
}  # fmt: skip
DETAILS = {
    "en": "Delivery details:", "de": "Die Lieferung geht an", "fr": "Voici mes coordonnées :", "es": "Datos de envío:", "it": "Ecco i dati per la spedizione:",
    "nl": "Het pakket gaat naar", "pt": "Dados para envio:",
}  # fmt: skip
ALONE = {"Q7, 24", "N6840 County Road F"}
"""streets without the form of one: known by the lines around them alone"""


def dresses(language: str, block: str, expected: dict[str, str]) -> Iterator[tuple[str, str]]:
    """One address as mails write it."""
    order, bye = ORDER[language], BYE[language]
    lines, line = block.replace("|", "\n"), block.replace("|", ", ")
    yield "block", f"Hello,\n\n{order}\n\n{lines}"
    yield "small", f"hello,\n\n{order}\n\n{bye}\n{lines}".lower()
    yield "shouted", f"Hello,\n\n{order}\n\n{bye}\n{lines.upper()}"
    yield "details", f"{order}\n\n{DETAILS[language]}\n{lines}\n\n{bye}"
    values = [f"{label}: {expected[part]}" for label, part in zip(FORM[language].split("|"), PARTS, strict=True) if part in expected]  # fmt: skip
    yield "form", f"{order}\n\n" + "\n".join(values)
    if expected["line1"] not in ALONE:
        yield "line", f"{order}\n\n{line}\n\n{bye}"
        yield "told", f"{order} {LEAD[language]} {line}\n\n{bye}"
        yield "amid", AMID[language].format(line)


def homes(block: str, home: str) -> Iterator[tuple[str, str]]:
    """The store's country and the lines: where the country is said a store abroad reads it, and one at home without it as well."""
    yield block, home
    *rest, last = block.split("|")
    if len(last) > 2 and not any(sign.isdigit() for sign in last) and last in NAMES:
        yield block, "GB" if home != "GB" else "DE"
        if last not in ("Hong Kong", "United Arab Emirates", "South Korea", "Colombia"):
            yield "|".join(rest), home


NAMES = frozenset(
    "England,UK,Wales,Scotland,Ireland,USA,United States,Canada,Australia,New Zealand,India,South Africa,Deutschland,Österreich,Schweiz,Suisse,Svizzera,France,Belgique,Luxembourg,België,Nederland,España,México,Argentina,Chile,Colombia,Portugal,Brasil,Italia,Poland,Czechia,Sweden,Norway,Denmark,Finland,Hungary,Greece,Hong Kong,United Arab Emirates,South Korea,Japan".split(",")
)  # fmt: skip


def cases() -> Iterator[object]:
    """Every address in every dress would be 1,500; each fifth, and so each address in other dresses."""
    yield from islice(_all(), 0, None, 5)


def _all() -> Iterator[object]:
    for language, block, home, expected in FORMATS:
        for lines, store in homes(block, home):
            for dress, text in dresses(language, lines, expected):
                said = "said" if lines == block else "unsaid"
                yield pytest.param(text, store, expected, id=f"{expected['country']}-{expected['name']}-{store}-{said}-{dress}")  # fmt: skip


@pytest.mark.parametrize(("text", "store", "expected"), list(cases()))
def test_an_address_is_read_in_every_dress(text: str, store: str, expected: dict[str, str]) -> None:
    reading = found(text, store)
    read = {part: value.casefold().replace(".", "") for part, value in parts(reading).items()}
    assert read == {part: value.casefold().replace(".", "") for part, value in expected.items()}
    assert [(line.sku, line.quantity) for line in reading.lines] == [("MUG-BLU", 2)]
    assert (reading.unmatched, reading.ambiguous) == ((), ())


TEXTS = [
    # Which of two addresses
    ("recipient-above-signature", "GB", "2 blue mugs please, for a friend:\n\nHelen Prescott\nFlat 2\n31 Montpelier Terrace\nBrighton BN1 3DF\n\nKind regards\nKatrin Vogel\nEppendorfer Weg 71\n20259 Hamburg\nGermany", "Helen Prescott|31 Montpelier Terrace|Flat 2|Brighton||BN1 3DF|GB"),
    ("not-the-office", "DE", "2 blaue Tassen. Bitte nicht ins Büro, sondern nach Hause: Sabine Krämer, Goethestraße 7b, 65193 Wiesbaden.\n\nMit freundlichen Grüßen\nDr. Sabine Krämer\nKaiserstraße 40\n60329 Frankfurt", "Sabine Krämer|Goethestraße 7b||Wiesbaden||65193|DE"),
    ("had-us-at", "GB", "2 blue mugs please. We are now at 9 Meadow Rise, Wymondham NR18 0TQ. You have us down at 14 Castle Street, Norwich NR1 3DH.", "|9 Meadow Rise||Wymondham||NR18 0TQ|GB"),
    # Which country
    ("to-poland", "DE", "2 blaue Tassen nach Polen, bitte.\n\nTomasz Wilk\nul. Piękna 12 m. 5\n00-549 Warszawa", "Tomasz Wilk|ul. Piękna 12 m. 5||Warszawa||00-549|PL"),
    ("named-below-a-farm", "GB", "2 blue mugs please.\n\nTomasz Wilk\nPod Lasem\n00-549 Warszawa\nPoland", "Tomasz Wilk|Pod Lasem||Warszawa||00-549|PL"),
    ("said-in-words", "DE", "2 blaue Tassen nach Frankreich bitte.\n\nMarie Petit\nLe Bourg 4\n24250 Daglan", "Marie Petit|Le Bourg 4||Daglan||24250|FR"),
    ("called-from-finland", "US", "2 blue mugs please.\n\nAino Lehto\nFleminginkatu 17 B 24\n00500 Helsinki\n\n+358 40 123 4567", "Aino Lehto|Fleminginkatu 17 B 24||Helsinki||00500|FI"),
    ("sign-of-a-country", "GB", "2 blue mugs please. Ship to: Mads Kjær, Istedgade 88, 3. tv, DK-1650 København V. Mobile +45 20 12 34 56.", "Mads Kjær|Istedgade 88|3. tv|København V||1650|DK"),
    ("house-number-is-no-postcode", "GB", "2 blue mugs please.\n\nIngrid Haugen\nNordre Haugen gard\nFåbergvegen 1142\n2625 Fåberg\nNorge", "Ingrid Haugen|Fåbergvegen 1142|Nordre Haugen gard|Fåberg||2625|NO"),
    ("home-speaks", "DE", "2 blaue Tassen bitte.\n\nEva Klein\nLindenstr. 4\n20095 Hamburg\n\n+33 6 12 34 56 78", "Eva Klein|Lindenstr. 4||Hamburg||20095|DE"),
    ("a-year-is-no-postcode", "FR", "2 tasses bleues, pour le 3 mars 2027.\n\nBien à vous,\nClaire Lenoir\n2 place Royale\n64000 Pau", "Claire Lenoir|2 place Royale||Pau||64000|FR"),
    # What belongs to it
    ("position", "GB", "2 blue mugs please.\n\nThanks\nPriya Nair\nOffice Manager\nFell Architects Ltd\nUnit 4, Canal Wharf\n18 Water Lane\nLeeds LS11 5PS", "Priya Nair|18 Water Lane|Fell Architects Ltd, Unit 4, Canal Wharf|Leeds||LS11 5PS|GB"),
    ("box-beside-street", "FR", "2 tasses bleues.\n\nAnne Rochat\nChemin des Vignes 6\nCase postale 27\n1095 Lutry\nSuisse", "Anne Rochat|Chemin des Vignes 6|Case postale 27|Lutry||1095|CH"),
    ("whose-house", "IT", "2 tazze blu.\n\nGiulia Bonetti presso Agriturismo La Quercia\nFraz. San Martino 21\n12064 La Morra (CN)", "Giulia Bonetti|Fraz. San Martino 21|presso Agriturismo La Quercia|La Morra|CN|12064|IT"),
    ("apt-is-a-town", "NL", "2 blauwe mokken.\n\nWim Jansen\n1120 Route de Saignon\n84400 Apt\nFrankrijk", "Wim Jansen|1120 Route de Saignon||Apt||84400|FR"),
    ("in-brackets", "FR", "2 tasses bleues, à livrer au 5 rue Haute à Colmar (68000), Jeannine Morel.", "|5 rue Haute|Jeannine Morel|Colmar||68000|FR"),
    ("aside", "GB", "2 blue mugs please.\n\nR. Ashworth (Col., retd.)\nMarsh House\nBlakeney\nNorfolk\nNR25 7PA", "R. Ashworth|Marsh House||Blakeney|Norfolk|NR25 7PA|GB"),
    ("for-whom-behind", "GB", "2 blue mugs please. Deliver to Hollis Orchards, 4 Old Road, York YO1 7HH, attention Shane.", "Hollis Orchards|4 Old Road|attention Shane|York||YO1 7HH|GB"),
    ("freguesia", "PT", "2 canecas azuis.\n\nAntónio Meireles\nLugar de Souto, s/n\nFreguesia de Gandra\n4930-312 Valença", "António Meireles|Lugar de Souto, s/n|Freguesia de Gandra|Valença||4930-312|PT"),
    ("leads-on", "ES", "2 tazas azules.\n\nDestino en\nCalle Mayor 4\n28013 Madrid", "|Calle Mayor 4||Madrid||28013|ES"),
    # Broken lines and words around
    ("wrapped", "ES", "Quisiera pedir 2 tazas azules. La dirección es Montse\nVidal, carrer de\nProvença 281, 2n\n1a, 08037\nBarcelona", "Montse Vidal|carrer de Provença 281|2n 1a|Barcelona||08037|ES"),
    ("in-one-breath", "DE", "guten tag ich möchte 2 blaue tassen bestellen bitte schicken an amselweg elf in 31134 hildesheim meine telefonnummer ist 05121 334455", "|amselweg elf||hildesheim||31134|DE"),
    ("zip-and-phone", "US", "2 blue mugs please, to my box in town: Earl Tuttle, P.O. Box 318, Marfa, Texas 79843-0318. 432-729-0133 (home).", "Earl Tuttle|P.O. Box 318||Marfa|Texas|79843-0318|US"),
    ("surname-apart", "IT", "2 tazze blu\n\nNome: Davide\nCognome: Marchetti\nIndirizzo: Via Verdi 18/A\nCAP: 24121\nCittà: Bergamo\nProvincia: BG", "Davide Marchetti|Via Verdi 18/A||Bergamo|BG|24121|IT"),
    ("led-in-small-letters", "FR", "2 tasses bleues; spedite pure a Elena Ricci, Corso Garibaldi 154, scala B, 00186 Roma (RM), Italia", "Elena Ricci|Corso Garibaldi 154|scala B|Roma|RM|00186|IT"),
]  # fmt: skip


@pytest.mark.parametrize(("home", "text", "wanted"), [pytest.param(*case[1:], id=case[0]) for case in TEXTS])
def test_the_lines_around_tell_what_belongs_to_an_address(home: str, text: str, wanted: str) -> None:
    expected = {part: value for part, value in zip(PARTS, wanted.split("|"), strict=True) if value}
    assert parts(found(text, home)) == expected


PHONES = [
    ("mobile-of-two", "FR", "tél. 05 53 28 41 77, portable 06 87 65 43 21", "+33687654321"),
    ("two-behind-one-label", "PT", "Tel. 251 824 130 / 936 543 210", "+351936543210"),
    ("mobile-though-second", "IT", "cell. 347 7654321, fisso 0173 50 12 34", "+393477654321"),
    ("broken-over-lines", "ES", "y el teléfono 93 215\n48 76. Gracias", "+34932154876"),
]


@pytest.mark.parametrize(("home", "text", "number"), [pytest.param(*case[1:], id=case[0]) for case in PHONES])
def test_of_two_numbers_the_one_is_taken_that_reaches_somebody(home: str, text: str, number: str) -> None:
    phone = found(f"2 x MUG-BLU\n\n{text}", home).customer.phone
    assert phone is not None
    assert phone.text == number


def test_who_signs_above_a_position_is_the_customer_of_a_desk() -> None:
    text = "2 x MUG-BLU\n\nKarim Belhadj\nResponsable informatique"
    for desk in ("Service achats", "Buchhaltung Gasthof Krone"):
        name = found(text, "FR", desk).customer.name
        assert name is not None
        assert name.text == "Karim Belhadj"


def test_a_form_tells_the_whole_name_of_whom_the_header_names_in_part() -> None:
    name = found("2 x MUG-BLU\n\nNombre: Álvaro Pastor Ruiz\nDirección: Calle Mayor 8\nCiudad: Málaga", "ES", "Álvaro Pastor").customer.name  # fmt: skip
    assert name is not None
    assert name.text == "Álvaro Pastor Ruiz"


def test_a_town_that_is_called_as_its_region_needs_none() -> None:
    reading = found("2 x MUG-BLU\n\nMarta Paz\nAv. Cabildo 2270\nC1428AAS Buenos Aires\nArgentina", "AR")
    assert "ship_to.region" not in reading.gaps
