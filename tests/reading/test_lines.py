"""How people order, by cause: (catalogue, country, text, lines). What is not in the lines must not be there with certainty.

A `None` for a quantity says that none may be claimed.
"""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

Lines = dict[str, int | None]

ROWS: list[tuple[str, str, str, Lines]] = [
    # A number is shared out behind its product: halves, the rest, parts that make up the whole or do not.
    ("pottery", "NL", "Ik wil graag 24 pastaborden 23 cm, de helft wit en de helft groen.", {"PAS-WH": 12, "PAS-GN": 12}),
    ("pottery", "GB", "10 large mugs please, 4 blue and the rest white.", {"MUG-L-BL": 4, "MUG-L-WH": 6}),
    ("pottery", "ES", "Quería 10 tazas grandes: la mitad azules, el resto verdes.", {"MUG-L-BL": 5, "MUG-L-GN": 5}),
    ("pottery", "DE", "10 große Tassen, davon 4 in Blau, den Rest in Weiß, und zwei Seifenschalen", {"MUG-L-BL": 4, "MUG-L-WH": 6, "SOAP": 2}),
    ("pottery", "GB", "Please send 11 pasta plates, half white, half green.", {"PAS-WH": None, "PAS-GN": None}),
    ("pottery", "GB", "20 tealight holders, five of them yellow, the others white, please.", {"TLH-YE": 5, "TLH-WH": 15}),
    # "The same in …" is as many as before, and "two of each" ends where another product has an article of its own.
    ("naehwelt", "DE", "Ich hätte gern je zwei Nähgarn 200 m in weiß und schwarz, dazu einen Reißverschluss 20 cm in rot und noch einmal denselben in 40 cm.", {"NG200-WS": 2, "NG200-SW": 2, "RV20-RT": 1, "RV40-RT": 1}),
    ("naehwelt", "GB", "Please send a zip 20 cm red and the same in 40 cm.", {"RV20-RT": 1, "RV40-RT": 1}),
    # A question may want goods, by politeness or by its tone alone; who asks whether 2 of them fit wants none.
    ("pottery", "IT", "Ciao, ci mandate 12 tazzine blu e 12 tazzine bianche?", {"ESP-BL": 12, "ESP-WH": 12}),
    ("pottery", "ES", "Hola, ¿me guardáis 3 jaboneras?", {"SOAP": 3}),
    ("pottery", "GB", "2 soap dishes and a spoon rest?\nDo 2 cat bowls fit into the parcel?", {"SOAP": 2}),
    # "Of them" counts what was only told of; more words for a product count it no second time.
    ("pottery", "GB", "My sister has been going on about the large blue mug ever since, so I'd like to get her four of them please.", {"MUG-L-BL": 4}),
    ("bike", "GB", "I need two inner tubes, the 700c ones with the long 48 mm Presta valve, and one of your 700x25c road tyres.", {"TU-P48": 2, "TY/700-25": 1}),
    ("bike", "GB", "one 700 x 25c road tyre and 3x inner tubes 700c", {"TY/700-25": 1, "TU-P48": 3}),
    # A name may begin with a unit; a word behind "of" tells of another thing, one counted elsewhere is asked about no more.
    ("naehwelt", "IT", "Per il corso di cucito mi servono 8 metri da sarta e 8 scucitori.", {"MB-150": 8, "NTR": 8}),
    ("luthier", "FR", "Je reprends la guitare après 20 ans. Il me faut 2 jeux de cordes guitare électrique 10-46.", {"GS-1046": 2}),
    # What is said in brackets has no say over what stands behind them.
    ("naehwelt", "IT", "Mi servirebbero 4 scatole di spilli (quelle da 100) e 2 forbici da sarta 21 cm.", {"NAD-100": 4, "SCH-21": 2}),
    ("pottery", "GB", "I'd like 4 soap dishes (which size are they?) and 2 spoon rests.", {"SOAP": 4, "SPR": 2}),
    # "The long one" counts nothing, "those of 48" tells which.
    ("voltage", "DE", "Ich möchte HDMI-Kabel, the long one 3 m, 2 Stück.", {"HDMI-3": 2}),
    ("nursery", "NL", "Graag de houten puzzel boerderij, die van 48 stukjes, 100 is nog te moeilijk.", {"PUZ-48": 1}),
    # Japanese: a counter that is also a word of a product, a colour that の ties to a name.
    ("luthier", "JP", "エレキギター弦 10-46を3セット注文します。あと革ストラップの黒も1本お願いします。", {"GS-1046": 3, "STRP-BK": 1}),
    ("luthier", "JP", "黒の革ストラップを2本お願いします。", {"STRP-BK": 2}),
    # A sentence that only counts things up orders each of them, an unknown thing between them too.
    ("pottery", "IT", "Due portasapone e una burriera bianca, una teiera verde.", {"SOAP": 2, "BUT-WH": 1, "TEA-GN": 1}),
    ("nursery", "FR", "Pour l'anniversaire de mon filleul : le cerf-volant dragon, un ballon rouge et un ballon bleu.", {"KITE-D": 1, "BALL-R": 1, "BALL-B": 1}),
    ("pottery", "DE", "3 Sack Modellierton 10 kg, 2 l Transparentglasur", {"CLAY-10": 3, "GLZ-TR": None}),
    ("roastery", "NL", "Graag 3 pakken cafeïnevrije koffie. En voor de nieuwe collega een emaille mok groen.", {"DEC-250": 3, "EN-GN": 1}),
    # A size without its unit and its noun, with "the same but" too; two of a whole.
    ("pottery", "ES", "Tres macetas de 12 cm, dos de 16 y una de 20, por favor.", {"POT-12": 3, "POT-16": 2, "POT-20": 1}),
    ("pottery", "IT", "Due pirofile da 22 cm e una da 30.", {"BAK-22": 2, "BAK-30": 1}),
    ("pottery", "NL", "Twee ovenschalen van 22 en een van 30 cm graag.", {"BAK-22": 2, "BAK-30": 1}),
    ("nursery", "NL", "twee zonnecrèmes, één factor 30 en één factor 50", {"SUN-30": 1, "SUN-50": 1}),
    ("voltage", "IT", "Ci servono due ciabatte da 4 prese e una uguale ma da 6.", {"EXT-4": 2, "EXT-6": 1}),
    ("pottery", "JP", "植木鉢12cmを3つ、16cmを2つ、20cmを1つください。", {"POT-12": 3, "POT-16": 2, "POT-20": 1}),
    ("pottery", "JP", "マグカップ大の青を2つ、同じものの緑を1つお願いします。", {"MUG-L-BL": 2, "MUG-L-GN": 1}),
    # Slips: of a colour, of a size in a postscript, of the line that stood last.
    ("pottery", "GB", "I'd like two large green mugs, no wait, blue ones please.", {"MUG-L-BL": 2}),
    ("stable", "GB", "Could we have a winter rug 135 cm and a hoof pick please.\n\nPS He's grown, it's the 145 he needs, not the 135.", {"RUG-145": 1, "HOOF": 1}),
    ("pottery", "ES", "4 platos llanos 27 cm azules\n1 jarra de agua 1,2 l\n\nUy, quitad lo último, que ya tengo una.", {"PL27-BL": 4}),
    # Words that point back.
    ("pottery", "GB", "Do you have the cat bowl and the dog bowl in stock? If so two of the former and one of the latter.", {"CATB": 2, "DOGB": 1}),
    ("tea", "DE", "Nicht die rote, sondern die blaue Tasse bitte, und davon drei.", {"MUG-BLU": 3}),
    ("nursery", "GB", "Please send both rag dolls.", {"DOLL-A": 1, "DOLL-L": 1}),
    ("pottery", "GB", "I like both the salt pig and the spoon rest: one of each please.", {"SALT": 1, "SPR": 1}),
    ("pottery", "DE", "Je eine kleine Tasse in Weiß, Blau und Grün bitte.", {"MUG-S-WH": 1, "MUG-S-BL": 1, "MUG-S-GN": 1}),
    ("bike", "GB", "One pair of red grips and two pairs of black ones please.", {"GRP-RD": 1, "GRP-BK": 2}),
    # What is for later, for whom, or only if need be, is no line; "the rest" is no spoon rest.
    ("pottery", "DE", "Die Tortenplatte nehme ich beim nächsten Mal. Heute bitte nur zwei Löffelablagen.", {"SPR": 2}),
    ("voltage", "IT", "Vorrei una lampada da scrivania. Il router AX-7 lo prendiamo il mese prossimo.", {"LMP-D": 1}),
    ("pottery", "GB", "For the clay club we'd like two sets of the pottery tools. The rest is fine.", {"TOOL-8": 2}),
    ("pottery", "FR", "Je voudrais quatre grands mugs 350 ml bleus ou, s'il n'y en a plus en stock, les mêmes en vert.", {"MUG-L-BL": 4}),
    # A sentence in another language than the mail's, and the numbers that tell a language.
    ("garden", "FR", "Sorry, my French is not perfect yet, we only moved here in spring. Je voudrais un arrosoir en zinc et un sécateur.", {"4001": 1, "RS-01": 1}),
    # An order before a question about another size.
    ("garden", "GB", "I'm after 3 bags of potting soil and a 20m hose - is the 30m one much dearer?", {"ERD-40": 3, "G-SCH-20": 1}),
    # Nothing but goods and "please"; a greeting or who it is for in front of them.
    ("luthier", "GB", "Hi, two sets of electric strings 10-46, one set of acoustic 12-53 and a clip tuner for my lad who starts lessons on Monday.", {"GS-1046": 2, "GA-1253": 1, "TUN-CL": 1}),
    ("tea", "DE", "Für Oma: eine rote Tasse. Für Opa: eine blaue. Und für mich zwei Packungen Sencha 100 g.", {"MUG-RED": 1, "MUG-BLU": 1, "SEN-100": 2}),
    ("voltage", "ES", "Hola: tres ratones inalámbricos y una lámpara de escritorio para el despacho nuevo.", {"MOU-W": 3, "LMP-D": 1}),
    # "Copy paper" is no copy; what is measured out is as many as hold just that; an inch is written 26" too.
    ("paper", "GB", "Could you send ten reams of copy paper A4 and a box of staples?", {"10017": 10, "0072": 1}),
    ("roastery", "GB", "Could I get 1 kg of the house blend (beans) and 250 g of the decaf?", {"COF-HB-1K": 1, "DEC-250": 1}),
    ("naehwelt", "ES", "Necesito veinte metros de tela de lino natural.", {"STO-LEI": 20}),
    ("bike", "GB", "need 2 tubes 26 inch, 1 tube 700c", {"TU-26S": 2, "TU-P48": 1}),
    ("caseificio", "GB", "We'd like four burrata, a kilo of 24 month parmesan", {"BUR-200": 4, "PR24-1K": 1}),
    # "De 100" tells which, not how many; what is pointed to in an order is rather asked about than lost.
    ("naehwelt", "ES", "Quiero dos cintas métricas y una caja de alfileres de 100.", {"MB-150": 2, "NAD-100": 1}),
    ("pottery", "IT", "Vorrei regalare a mia zia la teiera verde con quattro tazzine bianche.", {"TEA-GN": 1, "ESP-WH": 4}),
    ("pottery", "JP", "大きいマグカップの白2つと小さいマグカップの青2つをお願いします。", {"MUG-L-WH": 2, "MUG-S-BL": 2}),
    ("tea", "JP", "青いマグカップを3個と赤いマグカップを2個...いや、赤は1個でお願いします。", {"MUG-BLU": 3, "MUG-RED": 1}),
    # Parts in brackets are counted anew; a whole that is said before "one of each" is no number of the first.
    ("bike", "FR", "Il me faudrait deux chaînes (une 9 vitesses, une 11 vitesses) et une sonnette en laiton.", {"CH-9": 1, "CH-11": 1, "BELL-B": 1}),
    ("wear", "GB", "Could you do 3 organic t-shirts in white, sizes S, M and L, one of each? And a red wool scarf.", {"TS-W-S": 1, "TS-W-M": 1, "TS-W-L": 1, "SCF-RED": 1}),
    # "Same as last spring:" leads to what is wanted now; what is tied to something counted is not lost.
    ("pottery", "GB", "Hello, same as last spring please: 2 soap dishes and 1 spoon rest.", {"SOAP": 2, "SPR": 1}),
    ("tea", "GB", "Please pop two blue mugs and a strainer in the post.", {"MUG-BLU": 2, "STR-01": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("catalogue", "country", "text", "lines"), ROWS, ids=range(len(ROWS)))
def test_the_cause(catalogue: str, country: str, text: str, lines: Lines) -> None:
    letter = ReadingInput(body=text, from_name="Ann Poe", from_email="ann@example.com")
    found = read(letter, cases.catalogue(catalogue), country=country)
    sure = {line.sku: line.quantity for line in found.lines if not line.needs_review}
    assert all(sku in lines and quantity in (None, lines[sku]) for sku, quantity in sure.items())
    assert {line.sku: line.quantity for line in found.lines} == lines
    assert not found.ambiguous


@pytest.mark.parametrize(
    ("catalogue", "country", "text", "lines", "unknown"),
    [
        ("voltage", "ES", "Necesitamos cinco ratones inalámbricos. También tres teclados de piano.", {"MOU-W": 5}, 3),
        ("pottery", "IT", "Due portasapone, tre sottobicchieri e una burriera bianca", {"SOAP": 2, "BUT-WH": 1}, 3),
        ("pottery", "PT", "Duas saboneteiras, três bases para copos e uma manteigueira branca", {"SOAP": 2, "BUT-WH": 1}, 3),
    ],
)  # fmt: skip
def test_what_no_product_is_stands_open(
    catalogue: str, country: str, text: str, lines: Lines, unknown: int
) -> None:
    letter = ReadingInput(body=text, from_name="Ann Poe", from_email="ann@example.com")
    found = read(letter, cases.catalogue(catalogue), country=country)
    assert {line.sku: line.quantity for line in found.lines} == lines
    assert [one.quantity for one in found.unmatched] == [unknown]
