"""Addresses as they are written around the world, in every place of a mail where they stand: each part at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry
from checkout_desk.reading.model import Reading, ReadingInput
from checkout_desk.reading.reading import read

CATALOGUE = Catalogue([CatalogueEntry("MUG-BLU", "Blue mug", ("blaue Tasse", "tasse bleue", "taza azul", "tazza blu", "blauwe mok", "caneca azul", "青いマグカップ"))])  # fmt: skip
PARTS = ("name", "line1", "line2", "city", "region", "postcode", "country")

ORDER = {
    "en": "I would like to order 2 blue mugs, please.", "de": "ich möchte 2 blaue Tassen bestellen.", "fr": "je voudrais commander 2 tasses bleues.",
    "es": "quisiera pedir 2 tazas azules.", "it": "vorrei ordinare 2 tazze blu.", "nl": "ik wil graag 2 blauwe mokken bestellen.",
    "pt": "gostaria de encomendar 2 canecas azuis.",
}  # fmt: skip
LEAD = {
    "en": "Please send them to", "de": "Lieferadresse:", "fr": "Adresse de livraison :", "es": "Dirección de envío:", "it": "Indirizzo di spedizione:",
    "nl": "Bezorgadres:", "pt": "Morada de entrega:",
}  # fmt: skip
BYE = {
    "en": "Thanks",
    "de": "Viele Grüße",
    "fr": "Merci",
    "es": "Saludos",
    "it": "Grazie",
    "nl": "Groeten",
    "pt": "Obrigado",
}


def at(language: str, block: str, *, home: str = "", **parts: str) -> tuple[str, str, str, dict[str, str]]:
    """One address: the language of its mail, its lines, where the store is, and its parts; `|` ends a line."""
    return language, block, home or parts["country"], parts


ADDRESSES = [
    # Great Britain and Ireland
    at("en", "Ann Lee|12 High Street|Leeds|LS1 4AB|United Kingdom", name="Ann Lee", line1="12 High Street", city="Leeds", postcode="LS1 4AB", country="GB"),
    at("en", "Ian Bell|Flat 2|9 Oak Road|York YO1 7HH", name="Ian Bell", line1="9 Oak Road", line2="Flat 2", city="York", postcode="YO1 7HH", country="GB"),
    at("en", "Mary Ellis|Rose Cottage|Mill Lane|Ludlow|Shropshire|SY8 1AA", name="Mary Ellis", line1="Mill Lane", line2="Rose Cottage", city="Ludlow", region="Shropshire", postcode="SY8 1AA", country="GB"),
    at("en", "Bob Dale|c/o Fox & Sons|4 Kiln Yard|Stoke-on-Trent ST1 3AA", name="Bob Dale", line1="4 Kiln Yard", line2="c/o Fox & Sons", city="Stoke-on-Trent", postcode="ST1 3AA", country="GB"),
    at("en", "Cpl Tom Hart|BFPO 57|BF1 2AA|UK", name="Cpl Tom Hart", line1="BFPO 57", postcode="BF1 2AA", country="GB"),
    at("en", "Aoife Byrne|14 Shop Street|Galway|H91 E2X8|Ireland", name="Aoife Byrne", line1="14 Shop Street", city="Galway", postcode="H91 E2X8", country="IE"),
    at("en", "Sean Daly|Apt 6, The Mill|Main Street|Swords|Co. Dublin|K67 X2Y4", name="Sean Daly", line1="Main Street", line2="Apt 6, The Mill", city="Swords", region="Co. Dublin", postcode="K67 X2Y4", country="IE"),
    at("en", "Nora Walsh|5 Patrick Street|Dublin 8|D08 X4K2|Ireland", name="Nora Walsh", line1="5 Patrick Street", city="Dublin 8", postcode="D08 X4K2", country="IE"),
    # Spelt out house numbers, and streets that speak of another country than the store's
    at("en", "Fay Willis|twenty-two Harbour Road|Whitby|YO21 1AB", name="Fay Willis", line1="twenty-two Harbour Road", city="Whitby", postcode="YO21 1AB", country="GB"),
    at("de", "Manfred Kunze|Amselweg elf|31134 Hildesheim", name="Manfred Kunze", line1="Amselweg elf", city="Hildesheim", postcode="31134", country="DE"),
    at("fr", "Marie Petit|douze rue des Lilas|69003 Lyon", name="Marie Petit", line1="douze rue des Lilas", city="Lyon", postcode="69003", country="FR"),
    at("en", "Hans Meier|Lindenweg 4|20095 Hamburg", home="GB", name="Hans Meier", line1="Lindenweg 4", city="Hamburg", postcode="20095", country="DE"),
    at("en", "Carlos Ruiz|Calle Mayor 12|28013 Madrid", home="GB", name="Carlos Ruiz", line1="Calle Mayor 12", city="Madrid", postcode="28013", country="ES"),
    at("en", "Anna Rossi|Via Roma 15|20121 Milano", home="US", name="Anna Rossi", line1="Via Roma 15", city="Milano", postcode="20121", country="IT"),
    at("de", "Marie Petit|12 rue des Lilas|69003 Lyon", home="DE", name="Marie Petit", line1="12 rue des Lilas", city="Lyon", postcode="69003", country="FR"),
    # North America
    at("en", "Kim Novak|1600 N Main St Apt 5|Salt Lake City, UT 84101", name="Kim Novak", line1="1600 N Main St", line2="Apt 5", city="Salt Lake City", region="UT", postcode="84101", country="US"),
    at("en", "Ed Wu|P.O. Box 118|Bend, OR 97709", name="Ed Wu", line1="P.O. Box 118", city="Bend", region="OR", postcode="97709", country="US"),
    at("en", "SSG Dana Reed|PSC 3 Box 4120|APO AE 09021", name="SSG Dana Reed", line1="PSC 3 Box 4120", city="APO", region="AE", postcode="09021", country="US"),
    at("en", "Lou Ortiz|77 W Wacker Dr, Suite 400|Chicago, IL 60601-1234|USA", name="Lou Ortiz", line1="77 W Wacker Dr", line2="Suite 400", city="Chicago", region="IL", postcode="60601-1234", country="US"),
    at("en", "Zoe Grant|12345 State Highway 16|Helotes, Texas 78023", name="Zoe Grant", line1="12345 State Highway 16", city="Helotes", region="Texas", postcode="78023", country="US"),
    at("en", "Sue Park|Unit 12 - 88 Queen St W|Toronto ON M5H 2M3|Canada", name="Sue Park", line1="88 Queen St W", line2="Unit 12", city="Toronto", region="ON", postcode="M5H 2M3", country="CA"),
    at("fr", "Émilie Roy|1020, rue Saint-Jean|Québec (Québec) G1R 1S6|Canada", name="Émilie Roy", line1="1020, rue Saint-Jean", city="Québec", region="Québec", postcode="G1R 1S6", country="CA"),
    # South and Middle America
    at("es", "Laura Ruiz|Av. Insurgentes Sur 1602|Col. Crédito Constructor|03940 Ciudad de México, CDMX|México", name="Laura Ruiz", line1="Av. Insurgentes Sur 1602", line2="Col. Crédito Constructor", city="Ciudad de México", region="CDMX", postcode="03940", country="MX"),
    at("pt", "Ana Costa|Rua das Flores, 314 - Apto 52|Vila Madalena|São Paulo - SP|01310-100|Brasil", name="Ana Costa", line1="Rua das Flores, 314", line2="Apto 52, Vila Madalena", city="São Paulo", region="SP", postcode="01310-100", country="BR"),
    at("es", "Marta Paz|Av. Corrientes 1234|C1043AAZ Buenos Aires|Argentina", name="Marta Paz", line1="Av. Corrientes 1234", city="Buenos Aires", postcode="C1043AAZ", country="AR"),
    # German-speaking
    at("de", "Jörg Weiß|Am Alten Markt 5a|50667 Köln", name="Jörg Weiß", line1="Am Alten Markt 5a", city="Köln", postcode="50667", country="DE"),
    at("de", "Firma Beispiel GmbH|z. Hd. Eva Klein|Industriestraße 4|70565 Stuttgart", name="Firma Beispiel GmbH", line1="Industriestraße 4", line2="z. Hd. Eva Klein", city="Stuttgart", postcode="70565", country="DE"),
    at("de", "Uwe Lang|Postfach 10 12 34|20099 Hamburg", name="Uwe Lang", line1="Postfach 10 12 34", city="Hamburg", postcode="20099", country="DE"),
    at("de", "Lena Vogt|bei Krause|Hauptstr. 7|61348 Bad Homburg", name="Lena Vogt", line1="Hauptstr. 7", line2="bei Krause", city="Bad Homburg", postcode="61348", country="DE"),
    at("de", "Eva Huber|Mariahilfer Straße 45/2/12|1060 Wien|Österreich", name="Eva Huber", line1="Mariahilfer Straße 45/2/12", city="Wien", postcode="1060", country="AT"),
    at("de", "Max Berger|Ringstraße 3, Stiege 2, Top 14|A-4020 Linz", home="AT", name="Max Berger", line1="Ringstraße 3", line2="Stiege 2, Top 14", city="Linz", postcode="4020", country="AT"),
    at("de", "Reto Frei|Bahnhofstrasse 10|CH-8001 Zürich", home="CH", name="Reto Frei", line1="Bahnhofstrasse 10", city="Zürich", postcode="8001", country="CH"),
    # France, Belgium, Netherlands, Luxembourg
    at("fr", "Claire Dubois|Bâtiment C, Appt 12|8 rue Victor Hugo|69002 Lyon|France", name="Claire Dubois", line1="8 rue Victor Hugo", line2="Bâtiment C, Appt 12", city="Lyon", postcode="69002", country="FR"),
    at("fr", "Jean Petit|12, place du Marché|BP 40|13100 Aix-en-Provence Cedex", name="Jean Petit", line1="12, place du Marché", line2="BP 40", city="Aix-en-Provence Cedex", postcode="13100", country="FR"),
    at("fr", "Paul Noir|Lieu-dit Le Bourg|24220 Saint-Cyprien", name="Paul Noir", line1="Lieu-dit Le Bourg", city="Saint-Cyprien", postcode="24220", country="FR"),
    at("nl", "Els Peeters|Meir 21 bus 4|2000 Antwerpen|België", name="Els Peeters", line1="Meir 21 bus 4", city="Antwerpen", postcode="2000", country="BE"),
    at("fr", "Anne Lambert|Rue Neuve 5 bte 3|1000 Bruxelles|Belgique", name="Anne Lambert", line1="Rue Neuve 5 bte 3", city="Bruxelles", postcode="1000", country="BE"),
    at("nl", "Jan de Vries|Prinsengracht 263-II|1016 GV Amsterdam", name="Jan de Vries", line1="Prinsengracht 263-II", city="Amsterdam", postcode="1016 GV", country="NL"),
    at("nl", "Sanne Bakker|Dorpsstraat 8 A-3|2512 AB Den Haag", name="Sanne Bakker", line1="Dorpsstraat 8 A-3", city="Den Haag", postcode="2512 AB", country="NL"),
    at("fr", "Tom Weber|3, rue du Fossé|L-1536 Luxembourg|Luxembourg", home="LU", name="Tom Weber", line1="3, rue du Fossé", city="Luxembourg", postcode="1536", country="LU"),
    # Southern Europe
    at("es", "Lucía Gómez|Calle de Alcalá, 25, 3º B|28014 Madrid|España", name="Lucía Gómez", line1="Calle de Alcalá, 25", line2="3º B", city="Madrid", postcode="28014", country="ES"),
    at("es", "Ramón Ibáñez|C/ Larios 12, portal 2, 4º dcha.|29005 Málaga", name="Ramón Ibáñez", line1="C/ Larios 12", line2="portal 2, 4º dcha.", city="Málaga", postcode="29005", country="ES"),
    at("es", "Ana Vidal|Urb. Los Pinos, 7|03724 Moraira (Alicante)", name="Ana Vidal", line1="Urb. Los Pinos, 7", city="Moraira", region="Alicante", postcode="03724", country="ES"),
    at("it", "Giulia Bianchi|Corso Vittorio Emanuele II, 3|20122 Milano (MI)|Italia", name="Giulia Bianchi", line1="Corso Vittorio Emanuele II, 3", city="Milano", region="MI", postcode="20122", country="IT"),
    at("it", "Marco Rossi|presso Studio Verdi|Via Roma 15/B|10121 Torino TO", name="Marco Rossi", line1="Via Roma 15/B", line2="presso Studio Verdi", city="Torino", region="TO", postcode="10121", country="IT"),
    at("pt", "João Silva|Rua Augusta, 110, 2.º Dto.|1100-053 Lisboa|Portugal", name="João Silva", line1="Rua Augusta, 110", line2="2.º Dto.", city="Lisboa", postcode="1100-053", country="PT"),
    at("en", "Nikos Pappas|Ermou 25|105 63 Athens|Greece", name="Nikos Pappas", line1="Ermou 25", city="Athens", postcode="105 63", country="GR"),
    # Northern and Eastern Europe
    at("en", "Lars Holm|Vestergade 14, 2. tv.|1456 København K|Denmark", name="Lars Holm", line1="Vestergade 14", line2="2. tv.", city="København K", postcode="1456", country="DK"),
    at("en", "Anna Berg|Storgatan 5 lgh 1102|411 24 Göteborg|Sweden", name="Anna Berg", line1="Storgatan 5", line2="lgh 1102", city="Göteborg", postcode="411 24", country="SE"),
    at("en", "Ola Nordmann|Storgata 1|0155 Oslo|Norway", name="Ola Nordmann", line1="Storgata 1", city="Oslo", postcode="0155", country="NO"),
    at("en", "Aino Virtanen|Mannerheimintie 10 A 5|00100 Helsinki|Finland", name="Aino Virtanen", line1="Mannerheimintie 10 A 5", city="Helsinki", postcode="00100", country="FI"),
    at("en", "Agnieszka Lis|ul. Długa 17/4|31-147 Kraków|Poland", name="Agnieszka Lis", line1="ul. Długa 17/4", city="Kraków", postcode="31-147", country="PL"),
    at("en", "Jan Novák|Národní 12|110 00 Praha 1|Czech Republic", name="Jan Novák", line1="Národní 12", city="Praha 1", postcode="110 00", country="CZ"),
    at("en", "Kovács Péter|Andrássy út 20|1061 Budapest|Hungary", name="Kovács Péter", line1="Andrássy út 20", city="Budapest", postcode="1061", country="HU"),
    at("en", "Ion Popescu|Strada Lipscani 12, bl. A2, ap. 7|030031 București|Romania", name="Ion Popescu", line1="Strada Lipscani 12", line2="bl. A2, ap. 7", city="București", postcode="030031", country="RO"),
    # Asia and the Pacific
    at("en", "Yuki Mori|2-11-5 Minami|Kamakura-shi, Kanagawa 248-0006|Japan", name="Yuki Mori", line1="2-11-5 Minami", city="Kamakura-shi", region="Kanagawa", postcode="248-0006", country="JP"),
    at("en", "Wei Chen|10 Anson Road #12-05|Singapore 079903", name="Wei Chen", line1="10 Anson Road", line2="#12-05", city="Singapore", postcode="079903", country="SG"),
    at("en", "Priya Nair|Flat 4B, Lotus Apartments|17 MG Road|Bengaluru, Karnataka 560001|India", name="Priya Nair", line1="17 MG Road", line2="Flat 4B, Lotus Apartments", city="Bengaluru", region="Karnataka", postcode="560001", country="IN"),
    at("en", "Jack Dunn|Unit 3, 15 George Street|Sydney NSW 2000|Australia", name="Jack Dunn", line1="15 George Street", line2="Unit 3", city="Sydney", region="NSW", postcode="2000", country="AU"),
    at("en", "Mere Tamati|3/27 Ponsonby Road|Grey Lynn|Auckland 1011|New Zealand", name="Mere Tamati", line1="3/27 Ponsonby Road", line2="Grey Lynn", city="Auckland", postcode="1011", country="NZ"),
]  # fmt: skip


def layouts(language: str, block: str) -> Iterator[tuple[str, str]]:
    """The places of a mail where an address stands."""
    order, bye, lead = ORDER[language], BYE[language], LEAD[language]
    lines = block.replace("|", "\n")
    yield "signed", f"Hello,\n\n{order}\n\n{bye}\n{lines}"
    yield "led", f"{order}\n\n{lead}\n{lines}\n\n{bye}"
    yield "phoned", f"{order}\n\n{lead}\n\n{lines}\n\nTel: +44 113 496 0000\n{bye}"
    yield "oneline", f"{order}\n{lead} {block.replace('|', ', ')}\n\n{bye}"


def found(text: str, home: str = "GB", name: str = "") -> Reading:
    """What is read of a mail to a store in `home`."""
    return read(ReadingInput(text, from_name=name, from_email="x@customer.example"), CATALOGUE, store_addresses=["shop@shop.example"], country=home)  # fmt: skip


def parts(reading: Reading) -> dict[str, str]:
    """The parts of the address that was read."""
    ship = reading.ship_to
    return {part: value.text for part in PARTS if ship and (value := getattr(ship, part))}


CASES = [
    pytest.param(text, home, parts_, id=f"{parts_['country']}-{parts_['name'].split()[-1]}-{layout}")
    for language, block, home, parts_ in ADDRESSES
    for layout, text in layouts(language, block)
]


@pytest.mark.parametrize(("text", "home", "expected"), CASES)
def test_every_part_of_an_address_is_at_its_place(text: str, home: str, expected: dict[str, Any]) -> None:
    reading = found(text, home)
    assert parts(reading) == expected
    assert [(line.sku, line.quantity) for line in reading.lines] == [("MUG-BLU", 2)]
    assert (reading.unmatched, reading.ambiguous) == ((), ())


TEXTS = [
    # Forms, in the labels of many languages
    ("form-en", "GB", "2 blue mugs\n\nFull name: Ann Lee\nAddress line 1: 12 High Street\nAddress line 2: Flat 3\nTown/City: Leeds\nCounty: West Yorkshire\nPost code: LS1 4AB\nCountry: UK", "Ann Lee|12 High Street|Flat 3|Leeds|West Yorkshire|LS1 4AB|GB"),
    ("form-odd", "GB", "2 blue mugs\n\nDelivery name: Ann Lee\nHouse number and street: 12 High Street\nPost town: Leeds\nPostal/zip code: LS1 4AB\nCountry/region: United Kingdom", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("form-de", "DE", "2 blaue Tassen\n\nVorname: Eva\nNachname: Klein\nStraße und Hausnummer: Lindenstr. 4\nAdresszusatz: 2. OG\nPLZ/Ort: 20095 Hamburg\nLand: Deutschland", "Eva Klein|Lindenstr. 4|2. OG|Hamburg||20095|DE"),
    ("form-de-lower", "DE", "2 blaue Tassen\n\nname - Eva Klein\nstrasse - Lindenstr. 4\nplz - 20095\nort - Hamburg", "Eva Klein|Lindenstr. 4||Hamburg||20095|DE"),
    ("form-fr", "FR", "2 tasses bleues\n\nNom et prénom : Claire Dubois\nN° et rue : 8 rue Victor Hugo\nCode postal : 69002\nVille : Lyon\nPays : France", "Claire Dubois|8 rue Victor Hugo||Lyon||69002|FR"),
    ("form-es", "ES", "2 tazas azules\n\nNombre y apellidos: Ana Vidal\nDomicilio: Calle Mayor 4\nPiso: 3º B\nCP: 28013\nPoblación: Madrid\nPaís: España", "Ana Vidal|Calle Mayor 4|3º B|Madrid||28013|ES"),
    ("form-it", "IT", "2 tazze blu\n\nNome e cognome: Marco Rossi\nVia e numero civico: Via Roma 15\nCAP: 10121\nLocalità: Torino\nProvincia: TO", "Marco Rossi|Via Roma 15||Torino|TO|10121|IT"),
    ("form-nl", "NL", "2 blauwe mokken\n\nNaam: Jan de Vries\nStraat en huisnummer: Prinsengracht 263\nPostcode en woonplaats: 1016 GV Amsterdam\nLand: Nederland", "Jan de Vries|Prinsengracht 263||Amsterdam||1016 GV|NL"),
    ("form-pt", "BR", "2 canecas azuis\n\nNome completo: Ana Costa\nEndereço: Rua das Flores, 314\nComplemento: Apto 52\nCidade: São Paulo\nEstado: SP\nCEP: 01310-100", "Ana Costa|Rua das Flores, 314|Apto 52|São Paulo|SP|01310-100|BR"),
    ("form-ja", "JP", "青いマグカップを2個お願いします。\n\nお名前:森 由紀\n郵便番号:248-0006\n住所:神奈川県鎌倉市小町2-11-5\n電話番号:0467-22-0000", "森 由紀|小町2-11-5||鎌倉市|神奈川県|248-0006|JP"),
    ("japan", "JP", "青いマグカップを2個お願いします。\n\n〒150-0001\n東京都渋谷区神宮前1-2-3\n青山ハイツ 203号\n森 由紀", "森 由紀|神宮前1-2-3|青山ハイツ 203号|渋谷区|東京都|150-0001|JP"),
    ("form-table", "GB", "2 blue mugs\n\nName | Ann Lee\nStreet | 12 High Street\nCity | Leeds\nPostcode | LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("form-one-line", "GB", "2 blue mugs please. Name: Ann Lee, Address: 12 High Street, City: Leeds, Postcode: LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("form-whole", "GB", "2 blue mugs please.\nName: Ann Lee\nAddress: 12 High Street, Leeds, LS1 4AB\nPhone: 0113 496 0000", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    # Two addresses
    ("bill-ship", "GB", "2 blue mugs please.\n\nBilling address:\nAcme Ltd\n1 Office Park\nLondon E1 6AN\n\nShipping address:\nAnn Lee\n12 High Street\nLeeds LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("ship-bill", "GB", "2 blue mugs please.\n\nShip to:\nAnn Lee\n12 High Street\nLeeds LS1 4AB\n\nBill to:\nAcme Ltd\n1 Office Park\nLondon E1 6AN", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("invoice-to", "GB", "2 blue mugs please, sent to Ann Lee, 12 High Street, Leeds LS1 4AB. Invoice to Acme Ltd, 1 Office Park, London E1 6AN.", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("rechnung-liefer", "DE", "2 blaue Tassen bitte.\n\nRechnungsadresse:\nAcme GmbH\nBüroweg 1\n10115 Berlin\n\nLieferadresse:\nEva Klein\nLindenstr. 4\n20095 Hamburg", "Eva Klein|Lindenstr. 4||Hamburg||20095|DE"),
    ("old-new", "GB", "2 blue mugs please. My old address was 4 Mill Lane, York YO1 7HH.\nMy new address is 12 High Street, Leeds LS1 4AB.", "|12 High Street||Leeds||LS1 4AB|GB"),
    ("moved", "GB", "2 blue mugs please. We moved: no longer at 4 Mill Lane, York YO1 7HH, we now live at 12 High Street, Leeds LS1 4AB.", "|12 High Street||Leeds||LS1 4AB|GB"),
    ("columns", "GB", "2 blue mugs please.\n\nBill to:              Ship to:\nAcme Ltd              Ann Lee\n1 Office Park         12 High Street\nLondon E1 6AN         Leeds LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    # Recipients and sentences around
    ("mother", "GB", "2 blue mugs please, for my mother Ada King, 3 Mill Lane, York YO1 7HH.", "Ada King|3 Mill Lane||York||YO1 7HH|GB"),
    ("mother-dash", "GB", "Please send 2 blue mugs to my mother: Ada King, 3 Mill Lane, York, YO1 7HH - it is her birthday!", "Ada King|3 Mill Lane||York||YO1 7HH|GB"),
    ("to-the-niece", "DE", "Ich bestelle 2 blaue Tassen. Bitte an meine Nichte liefern: Mia Reuter, Birkenweg 7, 24103 Kiel. Rechnung an mich: Sabine Reuter, Hafenstr. 12, 20359 Hamburg.", "Mia Reuter|Birkenweg 7||Kiel||24103|DE"),
    ("mine-but-to-her", "GB", "2 blue mugs please. My address is Tom Lee, 9 High Street, Hull HU1 1AA but please send them to my daughter Ann Lee, 4 Mill Lane, Leeds LS1 4AB.", "Ann Lee|4 Mill Lane||Leeds||LS1 4AB|GB"),
    ("led-by-a-sentence", "GB", "2 blue mugs please. Could these go straight over there: Ada King, 3 Mill Lane, York YO1 7HH?", "Ada King|3 Mill Lane||York||YO1 7HH|GB"),
    ("as-always", "ES", "Quiero 2 tazas azules. Lo de siempre, a Taller Amparo, Calle Pureza 58, 41010 Sevilla.", "Taller Amparo|Calle Pureza 58||Sevilla||41010|ES"),
    ("studio-and-bill", "IT", "Vorrei ordinare 2 tazze blu. Consegna presso lo studio (orario 9-13 / 15-18): Studio Bassi, Corso Vittorio Emanuele 40, 10123 Torino (TO). Fattura a: Bassi Holding srl, Via Po 2, 10124 Torino.", "Studio Bassi|Corso Vittorio Emanuele 40||Torino|TO|10123|IT"),
    ("we-are-at", "ES", "Quiero 2 tazas azules. Estamos en la Calle Larga 12, Jerez de la Frontera (Cádiz), es la puerta verde.", "|Calle Larga 12||Jerez de la Frontera|Cádiz||ES"),
    ("roman-number", "PT", "Queria 2 canecas azuis.\n\nNuno Salgado\nRua Dom Pedro V 60, 1.º\n1250-094 Lisboa", "Nuno Salgado|Rua Dom Pedro V 60|1.º|Lisboa||1250-094|PT"),
    ("east-ship-and-bill", "JP", "青いマグカップを2つお願いします。\n\nお届け先（友人宅）\n〒460-0008 愛知県名古屋市中区栄4-16-8\n西村 彩\n\n請求先（私）\n〒501-6004 岐阜県羽島郡岐南町平島5-21\n大野 真理", "西村 彩|中区栄4-16-8||名古屋市|愛知県|460-0008|JP"),
    ("friend", "GB", "Could you send 2 blue mugs to my friend Ada King at 3 Mill Lane, York YO1 7HH? I will pay.", "Ada King|3 Mill Lane||York||YO1 7HH|GB"),
    ("mutter", "DE", "Bitte schicken Sie 2 blaue Tassen an meine Mutter, Ada Klein, Lindenstr. 4, 20095 Hamburg.", "Ada Klein|Lindenstr. 4||Hamburg||20095|DE"),
    ("attn", "GB", "2 blue mugs please.\n\nDeliver to:\nAcme Ltd\nAttn: Ann Lee\n1 Office Park\nLondon E1 6AN", "Acme Ltd|1 Office Park|Attn: Ann Lee|London||E1 6AN|GB"),
    ("company-person", "GB", "2 blue mugs please.\n\nThanks\nAnn Lee\nAcme Ltd\n1 Office Park\nLondon E1 6AN", "Ann Lee|1 Office Park|Acme Ltd|London||E1 6AN|GB"),
    ("prose", "GB", "Hello, 2 blue mugs please. I live at 12 High Street in Leeds, the postcode is LS1 4AB.", "|12 High Street||Leeds||LS1 4AB|GB"),
    ("prose-de", "DE", "Hallo, bitte 2 blaue Tassen. Ich wohne in der Lindenstr. 4 in 20095 Hamburg.", "|Lindenstr. 4||Hamburg||20095|DE"),
    ("slashes", "GB", "2 blue mugs please. Ship to: Ann Lee / 12 High Street / Leeds / LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("shouted", "GB", "2 BLUE MUGS PLEASE\n\nANN LEE\n12 HIGH STREET\nLEEDS\nLS1 4AB", "ANN LEE|12 HIGH STREET||LEEDS||LS1 4AB|GB"),
    ("whispered", "GB", "2 blue mugs please\n\nann lee\n12 high street\nleeds\nls1 4ab", "ann lee|12 high street||leeds||LS1 4AB|GB"),
    ("dear-sir", "GB", "Dear Sir,\nplease send 2 blue mugs to the above.\n\nYours sincerely\nMrs. A. B. Lee\nThe Old Rectory\nChurch Lane\nLudlow\nSY8 1AA", "Mrs. A. B. Lee|Church Lane|The Old Rectory|Ludlow||SY8 1AA|GB"),
    ("abroad", "GB", "2 blue mugs please.\n\nShip to:\nEva Klein\nLindenstr. 4\n20095 Hamburg\nGermany", "Eva Klein|Lindenstr. 4||Hamburg||20095|DE"),
    ("abroad-no-country", "GB", "2 blue mugs please.\n\nShip to:\nKim Novak\n1600 N Main St\nAustin, TX 78701", "Kim Novak|1600 N Main St||Austin|TX|78701|US"),
    # What breaks lines and stops
    ("full-stops", "GB", "2 blue mugs please. Address as follows - Ann Lee, 12 High Street, Leeds, West Yorkshire. LS1 4AB", "Ann Lee|12 High Street||Leeds|West Yorkshire|LS1 4AB|GB"),
    ("street-stop", "US", "2 blue mugs\n\nKim Novak\n742 Evergreen Ter.\nSpringfield, IL 62704\n(217) 555-0113", "Kim Novak|742 Evergreen Ter||Springfield|IL|62704|US"),
    ("recipient", "GB", "2 blue mugs please. Recipient: Ada King. Address: 3 Mill Lane, York, YO1 7HH.", "Ada King|3 Mill Lane||York||YO1 7HH|GB"),
    ("phone-between", "GB", "2 blue mugs please\n\nAnn Lee, 07700 900123, 12 High Street, Leeds, LS1 4AB", "Ann Lee|12 High Street||Leeds||LS1 4AB|GB"),
    ("packstation", "DE", "2 blaue Tassen\n\nEva Klein\nPackstation 145\n12345678\n20095 Hamburg", "Eva Klein|Packstation 145|12345678|Hamburg||20095|DE"),
    ("date-street", "DE", "2 blaue Tassen\n\nHerrn Dr. Jan Klein\nStraße des 17. Juni 135\n10623 Berlin", "Herrn Dr. Jan Klein|Straße des 17. Juni 135||Berlin||10623|DE"),
    ("an-der", "DE", "2 blaue Tassen\nan Frau Eva Klein\nAn der Alten Mühle 3\n37073 Göttingen", "Frau Eva Klein|An der Alten Mühle 3||Göttingen||37073|DE"),
    ("rue-a", "FR", "2 tasses bleues. J'habite au 8 bis, rue de la Paix à Rennes (35000).", "|8 bis, rue de la Paix||Rennes||35000|FR"),
    ("sin-numero", "ES", "2 tazas azules para Ana Vidal, Plaza de España s/n, 41013 Sevilla", "Ana Vidal|Plaza de España s/n||Sevilla||41013|ES"),
    ("n.º", "PT", "2 canecas azuis\n\nJoão Silva\nAv. da Liberdade, n.º 10, 3.º Esq.\n1250-096 Lisboa", "João Silva|Av. da Liberdade, n.º 10|3.º Esq.|Lisboa||1250-096|PT"),
    ("cep", "BR", "2 canecas azuis para Ana Costa, Av. Paulista, 1000, Bela Vista, São Paulo - SP, CEP 01310-100", "Ana Costa|Av. Paulista, 1000|Bela Vista|São Paulo|SP|01310-100|BR"),
    ("no-postcodes", "GB", "2 blue mugs please\n\nAhmed Ali\nP.O. Box 4567\nDubai\nUnited Arab Emirates", "Ahmed Ali|P.O. Box 4567||Dubai|||AE"),
    ("hong-kong", "GB", "2 blue mugs please\n\nTo: Wei Chen\nFlat 12A, 3/F, Lucky Building\n88 Nathan Road\nKowloon\nHong Kong", "Wei Chen|88 Nathan Road|Flat 12A, 3/F, Lucky Building|Kowloon|||HK"),
    # No address
    ("same", "GB", "2 blue mugs please, same address as last time.", ""),
    ("same-de", "DE", "2 blaue Tassen bitte, Adresse wie beim letzten Mal.", ""),
    ("none", "GB", "2 blue mugs please. Do you ship to Leeds?", ""),
    ("ask-theirs", "GB", "2 blue mugs please. Is your shop still at 12 High Street?", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("home", "text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in TEXTS]
)
def test_where_the_parcel_goes_is_told_from_the_words_around(home: str, text: str, expected: str) -> None:
    wanted = {part: value for part, value in zip(PARTS, expected.split("|"), strict=False) if value}
    reading = found(text, home)
    assert parts(reading) == wanted
    assert [(line.sku, line.quantity) for line in reading.lines] == [("MUG-BLU", 2)]
    assert (reading.unmatched, reading.ambiguous) == ((), ())


def test_the_address_of_a_company_below_the_signature_line_is_used_only_where_none_is_given() -> None:
    signature = "Ann Lee\nAcme Ltd, 1 Office Park, London E1 6AN"
    with_own = ReadingInput("2 blue mugs please to\nBob Ray\n12 High Street\nLeeds LS1 4AB", from_name="Ann Lee", from_email="a@acme.example", signature=signature)  # fmt: skip
    assert parts(read(with_own, CATALOGUE, country="GB"))["line1"] == "12 High Street"
