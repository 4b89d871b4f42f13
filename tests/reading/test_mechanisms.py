"""What one mechanism of the reader promises, each by mails of its own: (catalogue, country, text, known before, lines).

A `?` for a quantity says that none may be claimed; what is not in the lines must not be there with certainty.
"""

from __future__ import annotations

import pytest

from checkout_desk.reading.model import KnownThread, ReadingInput
from checkout_desk.reading.reading import read
from tests.reading import cases

Known = dict[str, int | None]

ROWS: list[tuple[str, str, str, Known, Known]] = [
    # Size runs: a number before each size, the noun stands once.
    ("wear", "US", "Organic t-shirts in white: 3 S, 5 M, 2 L please.", {}, {"TS-W-S": 3, "TS-W-M": 5, "TS-W-L": 2}),
    ("wear", "US", "Please send the organic t-shirt in black, 2 in S and 4 in L.", {}, {"TS-B-S": 2, "TS-B-L": 4}),
    ("garden", "DE", "Gartenhandschuhe: 3 x M und 2 x L bitte", {}, {"HND-M": 3, "HND-L": 2}),
    ("wear", "FR", "Je voudrais des organic t-shirts noirs : 2 S et 3 M.", {}, {"TS-B-S": 2, "TS-B-M": 3}),
    # What a sentence leaves out because the one before said it.
    ("tea", "GB", "Could I have the Earl Grey? Three tins please.", {}, {"EG-100": 3}),
    ("tea", "GB", "Please send 2 of the vanilla candles, and 2 more for my sister.", {}, {"CND-VAN": 4}),
    ("garden", "DE", "Ich nehme die Schubkarre. Und noch eine für meinen Bruder.", {}, {"SCHUB": 2}),
    ("garden", "DE", "Ich hätte gern die Tontöpfe: 4 von den kleinen und 2 von den großen.", {}, {"TOPF-12": 4, "TOPF-18": 2}),
    ("tea", "FR", "Deux tasses bleues, s'il vous plaît. Et la même chose en vert.", {}, {"MUG-BLU": 2, "MUG-GRN": 2}),
    ("tea", "ES", "Me encantan las tazas rojas. Quiero cuatro, y una azul.", {}, {"MUG-BLU": 1, "MUG-RED": 4}),
    ("tea", "ES", "Quiero dos tazas azules y otra verde.", {}, {"MUG-BLU": 2, "MUG-GRN": 1}),
    # The sort that is refused is not the one that is ordered.
    ("ironware", "GB", "3 acrylic paint 750 ml please, not the red one but white.", {}, {"LACK-W": 3}),
    ("ironware", "BE", "3 acryllak 750 ml graag, en niet de rode zoals vorige keer maar wit.", {}, {"LACK-W": 3}),
    ("pottery", "PT", "Bom dia, preciso de 3 taças 14 cm verdes e já não quero o açucareiro.", {}, {"BWL14-GN": 3}),
    # Words that only describe.
    ("tea", "GB", "A linen tea towel, two lovely vanilla candles and a decent copper kettle please.", {}, {"TWL-LIN": 1, "CND-VAN": 2, "KET-CU": 1}),
    ("tea", "PT", "Queria três dos seus lindos panos de linho.", {}, {"TWL-LIN": 3}),
    # Slips, halves, and letters that a keyboard has not.
    ("garden", "DE", "Bitte schicken Sie mir eine Schubkaere und eine Gießkatne.", {}, {"SCHUB": 1, "4001": 1}),
    ("nursery", "DE", "Bitte einen roten Gummi-Ball.", {}, {"BALL-R": 1}),
    ("tea", "DE", "Ich moechte bitte fuenf gruene Tassen und zwei Silberloeffel fuer meine Mutter.", {}, {"MUG-GRN": 5, "SPN-S": 2}),
    ("wear", "US", "Organic t-shirts in black: 6 s, 10 m and 4 l please.", {}, {"TS-B-S": 6, "TS-B-M": 10, "TS-B-L": 4}),
    ("roastery", "GB", "I'd like one bag of the Yirgacheffe, the kilo one.", {}, {"ETH-1K": 1}),
    # Said anew: 'make three of it'.
    ("voltage", "DE", "Zwei Kopfhörer X200 in Schwarz und ein USB-Ladegerät 65 W. Machen Sie bei den Kopfhörern bitte drei draus.", {}, {"HP-X200-BK": 3, "CHG-65": 1}),
    ("voltage", "DE", "Ich möchte zwei Kopfhörer X200 in Schwarz bestellen. Ach, machen Sie drei daraus.", {}, {"HP-X200-BK": 3}),
    # Colours without a noun of their own.
    ("tea", "GB", "Mugs: 2 blue, 3 red and 1 green please.", {}, {"MUG-BLU": 2, "MUG-RED": 3, "MUG-GRN": 1}),
    ("tea", "DE", "Ich hätte gern 2 blaue und 4 rote Tassen.", {}, {"MUG-BLU": 2, "MUG-RED": 4}),
    ("tea", "FR", "Trois tasses rouges et deux bleues, s'il vous plaît.", {}, {"MUG-RED": 3, "MUG-BLU": 2}),
    ("tea", "ES", "Quiero dos tazas azules y tres rojas.", {}, {"MUG-BLU": 2, "MUG-RED": 3}),
    ("tea", "IT", "Vorrei due tazze blu e una rossa.", {}, {"MUG-BLU": 2, "MUG-RED": 1}),
    ("tea", "NL", "Graag 2 blauwe en 3 rode mokken.", {}, {"MUG-BLU": 2, "MUG-RED": 3}),
    # The same number of each.
    ("tea", "GB", "Three of each mug please: blue, red, green.", {}, {"MUG-BLU": 3, "MUG-RED": 3, "MUG-GRN": 3}),
    ("paper", "DE", "Bitte je 5 Skizzenbücher A4 und A5 und 2 Lineale 30 cm.", {}, {"SKB-A4": 5, "SKB-A5": 5, "RUL-30": 2}),
    ("paper", "GB", "10 each of the ballpoint pen red and the ballpoint pen blue.", {}, {"2204-RD": 10, "2204-BL": 10}),
    # Pack words, and numbers that are sizes of packs.
    ("paper", "GB", "Please send 4 packs of 50 envelopes C5.", {}, {"ENV-C5": 4}),
    ("paper", "US", "2 boxes of 1000 staples 24/6 and one stapler please", {}, {"0072": 2, "0071": 1}),
    ("cave", "FR", "Je voudrais 3 coffrets de 12 macarons.", {}, {"MAC12": 3}),
    # A thing named by another thing is another thing.
    ("paper", "GB", "Please send me a staple remover and two rulers 30 cm.", {}, {"RUL-30": 2}),
    ("bike", "GB", "I'd like 2 bidons please.", {}, {"BTL-750": 2}),
    # Codes, also unknown ones.
    ("bike", "GB", "Order:\n`CH-9` x 1\n`PATCH` x 4", {}, {"CH-9": 1, "PATCH": 4}),
    ("paper", "GB", "10017: 5\n0072: 3", {}, {"10017": 5, "0072": 3}),
    ("paper", "GB", "2204-BK, 10\n9999-ZZ, 4", {}, {"2204-BK": 10}),
    # A change that says what was and what shall be.
    ("cave", "FR", "Mettez 5 tire-bouchons au lieu de 3 et ajoutez une baguette.", {"TBV": 3}, {"TBV": 5, "0101": 1}),
    ("cave", "DE", "Bitte statt 2 doch 6 Korkenzieher, die Feigenmarmelade entfällt.", {"TBV": 2, "CNF-FIG": 1}, {"TBV": 6, "CNF-FIG": 0}),
    ("cave", "IT", "Invece di 2 bottiglie di olio d'oliva 50 cl mettetene 4.", {"HUI-50": 2}, {"HUI-50": 4}),
    ("paper", "NL", "Doe er nog 3 linialen 30 cm bij en haal de nietmachine eraf.", {"0071": 1}, {"RUL-30": 3, "0071": 0}),
    ("tea", "ES", "En vez de 2 tazas rojas pongan 3.", {"MUG-RED": 2}, {"MUG-RED": 3}),
    # Relative changes: certain only where the old number is known.
    ("tea", "GB", "Could you take out two of the five red mugs?", {"MUG-RED": 5}, {"MUG-RED": 3}),
    ("tea", "GB", "One red mug less, please.", {"MUG-RED": 3}, {"MUG-RED": 2}),
    ("tea", "GB", "One red mug less, please.", {"MUG-RED": None}, {"MUG-RED": None}),
    ("tea", "DE", "Bitte eine rote Tasse weniger.", {"MUG-RED": 3}, {"MUG-RED": 2}),
    ("tea", "FR", "Une tasse rouge de moins, merci.", {"MUG-RED": 2}, {"MUG-RED": 1}),
    # Swaps keep the number.
    ("tea", "GB", "Please swap the red mugs for green ones.", {"MUG-RED": 4}, {"MUG-RED": 0, "MUG-GRN": 4}),
    ("paper", "DE", "Bitte die roten Kugelschreiber gegen schwarze tauschen.", {"2204-RD": 20}, {"2204-RD": 0, "2204-BK": 20}),
    # What is taken back, and what stays.
    ("bike", "GB", "I've gone off the brass bell. Please cancel it. Keep the floor pump.", {"BELL-B": 1, "PMP-FL": 1}, {"BELL-B": 0}),
    ("bike", "DE", "Die Standpumpe brauche ich doch nicht, bitte streichen Sie sie. Die Griffe schwarz bleiben.", {"PMP-FL": 1, "GRP-BK": 1}, {"PMP-FL": 0}),
    # A false start.
    ("cave", "GB", "I'd like two crates... no, let's say 8 bottles of Chablis 2021 please.", {}, {"V21CHA": 8}),
    ("cave", "DE", "Ich hätte gern 3 ... nein, 4 Korkenzieher.", {}, {"TBV": 4}),
    # A number without a reason next to a product is no certainty.
    ("tea", "GB", "Red mugs 4 7 please", {}, {}),
    # Numbers that belong to a name, to a unit, to nobody.
    ("cave", "GB", "Six of the 2021 Chablis please, and 2 Porto 10 ans.", {}, {"V21CHA": 6, "P10": 2}),
    ("paper", "NL", "Graag voor school 2 dozen nietjes 24/6 en 5 linialen 30 cm.", {}, {"0072": 2, "RUL-30": 5}),
    ("paper", "GB", "one (1) weekly planner 2027 and two (2) brush pens please", {}, {"PLN-27": 1, "BRP": 2}),
    ("tea", "GB", "Please send 2 copper kettles to my sister and 1 to me.", {}, {}),
    ("tea", "GB", "Please ring the bell twice, we live on the 3rd floor.", {}, {}),
    ("bike", "GB", "Please ring the bell twice, we live on the 3rd floor.", {}, {}),
    ("wear", "GB", "I'd like to say a big thank you for the grey hoodie.", {}, {}),
    # A wish on a condition that only the shop knows.
    ("bike", "FR", "Il me faut une guidoline noire et, si vous l'avez encore, une sonnette en laiton.", {}, {"TAPE-BK": 1, "BELL-B": 1}),
    # What only goes with the order, or tells of the past, is not ordered with certainty.
    ("tea", "GB", "2 blue mugs please. The copper kettle is lovely by the way.", {}, {"MUG-BLU": 2}),
    ("tea", "GB", "Send 2 blue mugs in a box with the candle we ordered on Monday.", {}, {"MUG-BLU": 2}),
    ("tea", "GB", "We have 3 red mugs already, so please send 2 blue mugs.", {}, {"MUG-BLU": 2}),
    # A number said anew right behind a slip, and the other number of what a thread has.
    ("garden", "GB", "I'd like four clay pots 18 cm... actually no, make that six please.", {}, {"TOPF-18": 6}),
    ("cave", "DE", "Bitte 12 Flaschen Rosé de Provence 75 cl, nein, lieber nur 6.", {}, {"VROS75": 6}),
    ("tea", "JP", "青いマグカップを4個、やっぱり3個にしてください。", {}, {"MUG-BLU": 3}),
    ("stable", "IT", "Buongiorno, non 2 ma 3 Hoof Pick, grazie.", {}, {"HOOF": 3}),
    ("garden", "GB", "I said 3 bags of potting soil but I need 7 in total.", {"ERD-40": 3}, {"ERD-40": 7}),
    ("paper", "US", "Only half of the copy paper A4 please.", {"10017": 10}, {"10017": 5}),
    ("paper", "US", "I need twenty blue ballpoint pens and half as many black ones.", {}, {"2204-BL": 20, "2204-BK": 10}),
    # Sizes exchanged by their number.
    ("nursery", "GB", "Please change the crayons from the 12 box to the 24 box.", {"CRY-12": 2}, {"CRY-12": 0, "CRY-24": 2}),
    ("ironware", "DE", "Bei den Handschuhen bitte Größe 10 statt 9.", {"HS-9": 3}, {"HS-9": 0, "HS-10": 3}),
    # What was used up, is too dear or is refused behind its name.
    ("ironware", "GB", "We got through the 5 tubes of clear silicone, so please send 8 this time.", {}, {"SIL-T": 8}),
    ("tea", "GB", "Please send 3 Earl Grey. 2 copper kettles would be lovely but out of my budget.", {}, {"EG-100": 3}),
    ("tea", "ES", "Quería 2 tazas azules. La vela de vainilla al final no.", {}, {"MUG-BLU": 2}),
    # A word that nobody knows beside goods, rows that order nothing, what stands in only if need be.
    ("cave", "GB", "Please send six fresh croissants.", {}, {"0120": 6}),
    ("ironware", "DE", "Ich bestelle 3 Kartuschen Silikon transparent.", {}, {"SIL-T": 3}),
    ("voltage", "GB", "Please send 2 desk lamps, the laptop needs light.", {}, {"LMP-D": 2}),
    ("bike", "FR", "4 huile chaîne 100 ml (si rupture, 2 de 250 ml) s'il vous plaît.", {}, {"OIL-100": 4}),
    ("tea", "DE", "Abteilung: 3\nEarl Grey: 6\nTeesieb: 2", {}, {"EG-100": 6, "STR-01": 2}),
    # An amount with a unit and "of the" counts what follows; one in front of "no. 4" counts the papers, not the number.
    ("stable", "IE", "Can I order 2 lead ropes 2 m, a hoof pick, three bags of the apple treats 1 kg and 1 salt lick 2 kg.", {}, {"LEAD-2": 2, "HOOF": 1, "TREAT-A": 3, "SALT-2": 1}),
    ("roastery", "GB", "2 x 1kg house blend beans and a box of no. 4 filters please", {}, {"COF-HB-1K": 2, "FLT-4": 1}),
    ("caseificio", "GB", "I would love one kilo of the 36 month Parmesan please.", {}, {"PR36-1K": 1}),
    ("naehwelt", "JP", "木製ボタンも2セット欲しいのですが、サイズは15mmでお願いします。", {}, {"HK-15": 2}),
    ("luthier", "DE", "1. E-Gitarrensaiten 10-46, 5 Sätze\n2. Basssaiten 45-105 – 1 Satz", {}, {"GS-1046": 5, "BS-45": 1}),
    # What stands in brackets, a question too, parts no number from its product.
    ("luthier", "US", "Please send:\nCAP-22 (that's $2.20 each, right?) x 30", {}, {"CAP-22": 30}),
    # Prices are wanted for these quantities, not the goods; what was forgotten comes on top.
    ("caseificio", "DE", "Wir brauchen pro Woche etwa 40 Burrata und 10 Treccia di bufala 500 g. Was würden Sie uns bei diesen Mengen berechnen?", {}, {}),
    ("garden", "GB", "We need 60 clay pots 12 cm and 40 bags of potting soil a month. What would you charge for these quantities?", {}, {}),
    ("luthier", "IT", "- 3 scatole di ance clarinetto 2,5\n\nDimenticavo: ancora 2 scatole di ance clarinetto 2,5, grazie.", {}, {"RD-C25": 5}),
    # One size of the thread counted anew, one exchanged by its number amid other changes.
    ("ironware", "NL", "Maak van maat 10 maar 6 paar in plaats van 4.", {"HS-10": 4, "HS-9": 2}, {"HS-10": 6}),
    ("ironware", "DE", "Bitte nehmen Sie statt der Leiter mit 4 Stufen doch die mit 6 Stufen, und von den Dübeln 8 mm brauche ich 5 Packungen statt 3.", {"LEI-4": 1, "DUE-8": 3}, {"LEI-4": 0, "LEI-6": 1, "DUE-8": 5}),
    # Labels of a form and of a phone number are no goods.
    ("luthier", "DE", "Bitte 2 Klinkenbuchsen stereo.\nMobil: 0151 23456789", {}, {"JACK-S": 2}),
    ("atelier", "FR", "Nom : Claire Fontaine\nAdresse : 14 rue des Lilas\nCode postal : 35000\nVille : Rennes\nMessage : je souhaiterais 1 nappe en lin", {}, {"NAP-LIN": 1}),
    # All of the order is taken back; one product of it is not all.
    ("tea", "ES", "Quería anular el pedido entero. Me han regalado una tetera y ya no la necesito.", {"TP-06": 1, "EG-100": 2}, {"TP-06": 0, "EG-100": 0}),
    ("tea", "DE", "Bitte stornieren Sie meine Bestellung.", {"TP-06": 1, "EG-100": 2}, {"TP-06": 0, "EG-100": 0}),
    ("tea", "GB", "Please cancel my order for the teapot, keep the rest.", {"TP-06": 1, "EG-100": 2}, {"TP-06": 0}),
    # So many for each of people who are counted somewhere: multiplied, for a person to look at; else open.
    ("paper", "PT", "Para 25 alunos precisamos de uma esferográfica azul e uma régua 30 cm por aluno. E ainda 4 tesouras.", {}, {"2204-BL": 25, "RUL-30": 25, "SCI-21": 4}),
    ("paper", "GB", "Please send two sketchbooks A5 for each of the 8 children.", {}, {"SKB-A5": 16}),
    ("paper", "GB", "We are 12. One ruler each please.", {}, {"RUL-30": 12}),
    ("paper", "DE", "Für 24 Schüler je ein Lineal 30 cm und ein Kugelschreiber blau bitte.", {}, {"RUL-30": 24, "2204-BL": 24}),
    ("paper", "DE", "Bitte je 3 Kugelschreiber blau und rot.", {}, {"2204-BL": 3, "2204-RD": 3}),
    ("paper", "GB", "For the kids: 2 rulers each.", {}, {"RUL-30": None}),
    # What stands behind the x of a name tells which product it is.
    ("workshop", "FR", "Bonjour, je voudrais des vis M8 x 60, merci", {}, {"SCR-M8-60": None}),
    ("workshop", "GB", "hex screws M8x40, 3 boxes please", {}, {"SCR-M8-40": 3}),
    ("workshop", "FR", "4 boîtes de vis M8 x 80", {}, {}),
    # Asking leave makes no wish hang on anything; a condition in Japanese asks for a price.
    ("caseificio", "IT", "Se siete ancora in tempo aggiungete due taleggi e portate le ricotte da 250 g a quattro.", {"RIC-250": 2, "CAC-1K": 1}, {"TAL-400": 2, "RIC-250": 4}),
    ("tea", "GB", "If it's not too late, please add 2 red mugs.", {"MUG-BLU": 2}, {"MUG-RED": 2}),
    ("tea", "FR", "S'il est encore temps, ajoutez 2 tasses rouges.", {"MUG-BLU": 2}, {"MUG-RED": 2}),
    ("atelier", "JP", "青い皿を80枚お願いした場合、おいくらになりますでしょうか。", {}, {}),
    # Half a kilo is a measure like any other; what brackets ask ends with them, and may tell which product it is.
    ("caseificio", "NL", "Graag een halve kilo Parmezaan van 36 maanden.", {}, {"PR36-500": 1}),
    ("caseificio", "GB", "Please send half a kilo of parmesan 36 months.", {}, {"PR36-500": 1}),
    ("naehwelt", "IT", "mi servirebbero delle forbici da sarta (quelle da 21) e tre cerniere bianche da 40 cm.", {}, {"SCH-21": None, "RV40-WS": 3}),
    # What was paid for is not ordered again.
    ("tea", "IT", "ho effettuato oggi il bonifico di 63,00 € per l'ordine 1195 (2 tazze blu e 1 teiera in ghisa 0,6 l).", {}, {}),
    ("tea", "DE", "ich habe die 84,20 € für Bestellung 1187 (2 blaue Tassen und 1 Teesieb) eben per Überweisung losgeschickt.", {}, {}),
    ("tea", "FR", "Je viens de faire le virement de 63 € pour la commande 1195 (2 tasses bleues).", {}, {}),
    ("tea", "ES", "Acabo de hacer la transferencia del pedido 1195 (2 tazas azules).", {}, {}),
    ("paper", "ES", "Lo que necesitamos para el 2º trimestre: 2 bolígrafos azules", {}, {"2204-BL": 2}),
    # Codes of digits alone with spelt counts; rows that only name something, amid rows that order.
    ("paper", "US", "10017 - 12 reams\n0072 - five boxes\n2204-RD - two dozen", {}, {"10017": 12, "0072": 5, "2204-RD": 24}),
    ("bike", "GB", "2 innertubes 26 inch\nchain oil, the 250ml bottle (£14.90 on your site yeah?)\npunture repair kit x3\nred handelbar grips", {}, {"TU-26S": 2, "OIL-250": 1, "PATCH": 3, "GRP-RD": None}),
    # Where somebody works is no desk lamp for the office.
    ("voltage", "PT", "Enviem por favor para o escritório, e mais 2 pilhas 9V.", {"LMP-D": 1}, {"BAT-9V": 2}),
    # A number behind its product with "of" between; a number of pieces that tells which; sizes in front.
    ("tea", "IT", "Me ne servirebbero quattro, di tazze rosse.", {}, {"MUG-RED": 4}),
    ("tea", "NL", "Ik wil er twee, van de rode mokken.", {}, {"MUG-RED": 2}),
    ("nursery", "GB", "the 48 piece wooden farm puzzle and two boxes of 24 wax crayons", {}, {"PUZ-48": 1, "CRY-24": 2}),
    ("wear", "US", "One brown leather belt, 90. My waist is 34.", {}, {"BLT-90": 1}),
    ("tea", "DE", "Einmal die kleine gusseiserne Teekanne bitte.", {}, {"TP-06": 1}),
    ("tea", "GB", "2 blue mugs, plus a vanilla candle (the one you showed on Instagram).", {}, {"MUG-BLU": 2, "CND-VAN": 1}),
    # A code of digits alone is no quantity, and units of a cell are its own.
    ("paper", "DE", "Pos. 1   10017   Kopierpapier A4   5 Pack   29,50\nPos. 2   RUL-30  Lineal 30 cm      12 St.   33,60", {}, {"10017": 5, "RUL-30": 12}),
    # Begging, forgetting, thinking better of it.
    ("tea", "GB", "Could I trouble you for three blue mugs?", {}, {"MUG-BLU": 3}),
    ("tea", "GB", "Can we make the Earl Grey four? Teapot stays.", {"TP-06": 1, "EG-100": 2}, {"EG-100": 4}),
    ("tea", "NL", "Kunnen jullie van de blauwe mokken zes maken?", {"MUG-BLU": 2}, {"MUG-BLU": 6}),
    ("tea", "FR", "J'ai oublié la passoire à thé ! Vous pouvez la rajouter ?", {"MUG-BLU": 2}, {"STR-01": 1}),
    ("tea", "GB", "I've changed my mind about the blue mugs, sorry.", {"MUG-BLU": 2, "EG-100": 2}, {"MUG-BLU": 0}),
    ("tea", "DE", "Die blauen Tassen haben sich erledigt.", {"MUG-BLU": 2, "EG-100": 2}, {"MUG-BLU": 0}),
    ("tea", "ES", "Quitad el Earl Grey y poned en su lugar una vela de vainilla.", {"MUG-BLU": 2, "EG-100": 2}, {"EG-100": 0, "CND-VAN": 1}),
    # A size before the x of a name counts nothing, a size of letters behind a number is no number of the next.
    ("bike", "GB", "A pair of 700 x 28c road tyres please", {}, {"TY/700-28": 2}),
    ("wear", "US", "Grey hoodies 2xM 3xL", {}, {"HD-G-M": 2, "HD-G-L": 3}),
    ("stable", "GB", "one navy halter cob size plus a 2m lead rope", {}, {"HAL-C": 1, "LEAD-2": 1}),
    ("paper", "JP", "木製ボタンも2セット欲しいです", {}, {}),
    ("wear", "CA", "I would like a steel water bottle 750 please.", {}, {"WTR-7": 1}),
    # Boxes that are ticked, rows that say none.
    ("tea", "GB", "[x] blue mugs 2\n[ ] red mugs 2\n[x] bamboo tray 1", {}, {"MUG-BLU": 2, "TRY-BAM": 1}),
    ("tea", "GB", "blue mugs: 2\nred mugs: 0\ngreen mugs: -", {}, {"MUG-BLU": 2}),
    ("tea", "NL", "Graag 2 vanillekaarsen, de vorige 4 waren zo op!", {}, {"CND-VAN": 2}),
    # Cases of what is sold singly, halves of a whole, one of each kind.
    ("cave", "GB", "Could you do us 2 cases of 6 of the Chablis 2021 please.", {}, {"V21CHA": 12}),
    ("paper", "GB", "3 packs of 100 paper clips", {}, {"CLP-100": 3}),
    ("ironware", "GB", "6 flat brushes (half 25mm half 50mm)", {}, {"PIN-25": 3, "PIN-50": 3}),
    ("atelier", "FR", "12 assiettes plates, moitié bleues moitié blanches", {}, {"ASS-BL": 6, "ASS-BC": 6}),
    ("atelier", "GB", "one of each candle please", {}, {"BGE-F": 1, "BGE-L": 1}),
    # An English noun that is a verb here.
    ("nursery", "GB", "I'd like to order 6 striped baby bibs. Please ring the bell twice, we live on the 3rd floor.", {}, {"BIB-S": 6}),
    ("luthier", "NL", "Vervang Mechaniken 3+3 gold door Bone Saddle, zelfde aantal.", {"TN-GD": 2}, {"TN-GD": 0, "SAD-B": 2}),
    ("voltage", "GB", "Half a dozen Laptop Stand and 4 HDMIケーブル 1m please.", {}, {"STAND": 6, "HDMI-1": 4}),
    ("caseificio", "DE", "Bitte half a dozen Burrata", {}, {"BUR-200": 6}),
    # None of it, parts in brackets that make up the whole, wishes given up.
    ("tea", "GB", "3 of the Earl Grey, 2 of the blue mugs, none of the red.", {}, {"EG-100": 3, "MUG-BLU": 2}),
    ("tea", "GB", "4 blue mugs (2 for me, 2 for mum) and 2 red", {}, {"MUG-BLU": 4, "MUG-RED": 2}),
    ("tea", "NL", "3 blauwe mokken waarvan 2 ingepakt", {}, {"MUG-BLU": 3}),
    ("tea", "FR", "Aucun problème pour le délai, 2 tasses bleues s'il vous plaît.", {}, {"MUG-BLU": 2}),
    # Not this but that, after the number was said.
    ("voltage", "JP", "HDMIケーブル 3mを2本お願いします。すみません、HDMIケーブルは3mではなく1mでお願いします。", {}, {"HDMI-1": 2}),
    ("voltage", "JP", "HDMIケーブル 3mを2本お願いします。\nすみません、3mじゃなくて1mでお願いします。", {}, {"HDMI-1": 2}),
    # Numbers of a club, a number left open, a tape measure, one that is there already, one that can go.
    ("garden", "GB", "On behalf of the allotment society (43 plots) I should like to order one wheelbarrow.", {}, {"SCHUB": 1}),
    ("atelier", "ES", "necesitaríamos unos cuantos jarrones Luna pequeños y un mantel de lino.", {}, {"VAS-P": None, "NAP-LIN": 1}),
    ("naehwelt", "FR", "Pourriez-vous m'expédier un mètre ruban et deux boîtes d'épingles", {}, {"MB-150": 1, "NAD-100": 2}),
    ("luthier", "BE", "pour l'harmonie : 5 huiles pour pistons 60 ml. La 7C, on l'a déjà.", {}, {"VOIL": 5}),
    ("ironware", "DE", "Die Kabelbinder können raus. Und bitte ein Vorhängeschloss 40 mm dazu.", {"KAB-200": 4}, {"KAB-200": 0, "SCHL-40": 1}),
    ("bike", "DE", "Ein Lenkerband in Celeste bitte. Das Frontlicht hab ich noch, das Rücklicht USB aber bitte auch einmal.", {}, {"TAPE-CE": 1, "LT-R50": 1}),
    ("paper", "FR", "Je commande :\n\nRéf. ENV-DL ........... qté 10\nRéf. 2204-BL .......... qté 50\n", {}, {"ENV-DL": 10, "2204-BL": 50}),
    # Sold by the metre.
    ("naehwelt", "DE", "ich hätte gern 3 m Baumwollstoff mit blauen Streifen.", {}, {"STO-STR": 3}),
    # Said to be enough.
    ("nursery", "NL", "Voor de twee grootsten graag de houten puzzel boerderij van 100 stukjes, één is genoeg want ze maken hem samen.", {}, {"PUZ-100": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("catalogue", "country", "text", "known", "lines"), ROWS, ids=range(len(ROWS)))
def test_the_mechanism(catalogue: str, country: str, text: str, known: Known, lines: Known) -> None:
    letter = ReadingInput(body=text, from_name="Ann Poe", from_email="ann@example.com", is_reply=bool(known))
    thread = KnownThread(known, has_address=True, has_phone=True) if known else None
    found = read(letter, cases.catalogue(catalogue), country=country, known_thread=thread)
    sure = {line.sku: line.quantity for line in found.lines if not line.needs_review}
    assert all(sku in lines and quantity in (None, lines[sku]) for sku, quantity in sure.items())
    if lines:
        assert {line.sku: line.quantity for line in found.lines} == lines
    else:
        assert not sure


def test_a_long_run_of_names_without_a_sign_ends() -> None:
    """A number before a name may belong to it; a run that is cut again and again must not take it in for ever."""
    text = "Chain Oil 2022 Chain 9-speed Mini Pump Tyre Tube " * 60
    assert read(ReadingInput(body=text), cases.catalogue("bike"), country="GB").kind in ("order", "other")
