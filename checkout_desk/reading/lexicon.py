"""Words that count, determine or describe, in the languages that customers write. All folded: no case, no accents."""

from __future__ import annotations

import re

NUMBERS_OF: dict[str, dict[str, int]] = {}


def _count(language: str, words: str) -> None:
    table = NUMBERS_OF.setdefault(language, {})
    for value, forms in enumerate(words.split(), 1):
        for form in forms.split("/"):
            table.setdefault(form, value)


_count("en", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
       " eighteen nineteen twenty")  # fmt: skip
_count("de", "eins/eine/einen/einem/einer/ein/eines/ne/nen/nem zwei/zwo drei vier funf/fuenf sechs sieben acht neun zehn elf zwolf/zwoelf"
       " dreizehn vierzehn funfzehn/fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig")  # fmt: skip
_count("fr", "un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit"
       " dix-neuf vingt")  # fmt: skip
_count("es", "un/una/uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete"
       " dieciocho diecinueve veinte")  # fmt: skip
_count("pt", "um/uma dois/duas tres quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze"
       " dezasseis/dezesseis dezassete/dezessete dezoito dezanove/dezenove vinte")  # fmt: skip
_count("it", "un/una/uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
       " diciassette diciotto diciannove venti")  # fmt: skip
_count("nl", "een/n twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien"
       " achttien negentien twintig")  # fmt: skip
EAST_NUMBERS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | dict(
    zip("ひとつ ふたつ みっつ よっつ いつつ むっつ ななつ やっつ ここのつ".split(), range(1, 10), strict=True)
)

ARTICLES_OF = {
    "en": frozenset("a an another".split()),
    "de": frozenset("ein eine einen einem einer eines ne nen nem".split()),
    "fr": frozenset("un une".split()),
    "es": frozenset("un una uno otro otra".split()),
    "pt": frozenset("um uma outro outra".split()),
    "it": frozenset("un una uno un' altro altra".split()),
    "nl": frozenset("een n".split()),
}
# Who writes in two languages takes the article of the other one along; these words are none of the language itself.
for _language, _words in {"en": "un une una ein eine einen een", "de": "un une una een", "fr": "ein eine einen een una", "es": "une ein eine een",
                          "it": "une ein eine een", "pt": "une una ein eine een", "nl": "un une una eine einen"}.items():  # fmt: skip
    ARTICLES_OF[_language] |= frozenset(_words.split())
TENS = {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "dreissig": 30, "vierzig": 40, "funfzig": 50, "fuenfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90, "hundert": 100, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100,
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
    "cien": 100, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "cem": 100, "trenta": 30,
    "quaranta": 40, "cinquanta": 50, "sessanta": 60, "cento": 100, "dertig": 30, "veertig": 40, "vijftig": 50,
    "zestig": 60, "zeventig": 70, "tachtig": 80, "negentig": 90, "honderd": 100,
}  # fmt: skip
# Number words of one language that mean something else in another one ("once more", "due date", "très").
_TRICKY = frozenset(
    "siete once otto doce due tres neuf sei elf a an on un um sept set dix mille cent six nove een uno una ne nen nem n".split()
) - {"six", "dix", "sept"}
EVERYWHERE = {
    word: value for table in NUMBERS_OF.values() for word, value in table.items() if word not in _TRICKY
} | {word: value for word, value in TENS.items() if word not in _TRICKY}

DOZENS = {
    "dozen": 12, "dozens": 0, "doz": 12, "dutzend": 12, "douzaine": 12, "douzaines": 12, "docena": 12, "docenas": 12, "duzia": 12,
    "duzias": 12, "dozzina": 12, "dozzine": 12, "dozijn": 12, "dizaine": 10, "decena": 10, "dezena": 10, "decina": 10, "score": 20,
    "quinzaine": 15, "vingtaine": 20, "ダース": 12,
}  # fmt: skip
CONJUNCTIONS = frozenset("and und et y e en ed or oder ou o plus".split())
PRONOUNS = frozenset(
    "moi toi lui eux elle elles nous vous mij me mich mir uns ihnen euch ihm sie er nos os los ellos ellas mi ti si noi voi loro eles elas"
    " us them him her it they he she you your yours ours mine hij zij hem hun ons jou jullie".split()
)
# "einmal Kettenöl", "tweemaal", "twice": a number only right beside a product.
TIMES = {
    "einmal": 1, "zweimal": 2, "dreimal": 3, "viermal": 4, "funfmal": 5, "sechsmal": 6, "siebenmal": 7, "achtmal": 8, "neunmal": 9,
    "zehnmal": 10, "eenmaal": 1, "tweemaal": 2, "driemaal": 3, "viermaal": 4, "vijfmaal": 5, "zesmaal": 6, "twice": 2, "thrice": 3,
}  # fmt: skip
HALVES = frozenset(
    "half halbes halben halber halbe demi demie media meia mezza mezzo medio meio halve halfdozen".split()
)
PAIRS = frozenset("pair pairs paar paare paire paires par pares paio paia paren duo 足 couple".split())
VAGUE = frozenset(
    "some several few couple many various bunch lots einige paar mehrere ein_paar etliche viele plusieurs quelques"
    " algunos algunas varios varias unos unas alguns algumas varios uns umas alcuni alcune diversi enkele paar wat meerdere trentaine quarantaine cinquantaine centaine trentina ventina quarantina cinquantina centinaio"
    " treintena veintena centenar trintena vintena tiental twintigtal"
    " いくつか".split()
)

UNITS = frozenset(
    "x pc pcs pce piece pieces unit units item items no nos qty ea each of off stk stuck stueck stucke stucken st mal maal keer pack packs package"
    " packet packets packung packungen packchen pakete paket box boxes schachtel schachteln karton kartons kiste kisten bag bags"
    " beutel tute tuten tutchen sack sacke sacken jar jars glas glaser bottle bottles flasche flaschen tin tins can cans dose dosen set sets"
    " bar bars tub tubs carton cartons sheet sheets tafel tafeln tablette tablettes tableta tabletas tavoletta tavolette reep repen"
    " ream reams ries rame rames ramette ramettes resma resmas risma risme riem riemen"
    " pkg pkgs pck pckg ktn krt btl fl ve gebinde rll kpl roll rolls rolle rollen bundle bundles copy copies exemplar exemplare"
    " satz satze satzen jeu jeux setje setjes muta mute"
    " rouleau rouleaux rollo rollos rotolo rotoli rolo rolos rol caisse caisses cassa casse kist kisten krat kratten case cases crate crates cartone cartoni"
    " cartones pallet pallets palette paletten tube tubes stange stangen bund zak zakken"
    " sheet sheets blatt bogen feuille feuilles hoja hojas foglio fogli vel vellen folha folhas piece pieces unite unites exemplaire exemplaires boite boites paquet paquets sachet sachets sac sacs pot pots bocal bocaux"
    " bouteille bouteilles lot lots fois"
    " pastilla pastillas savonnette barra barras barre tubo tubos tube tubes tubi tubetto lata latas lattina lattine barattolo barattoli pezzetto saponetta saponette"
    " ud uds unidad unidades pieza piezas caja cajas paquete paquetes bolsa bolsas bote botes frasco frascos botella botellas juego juegos"
    " unidade unidades peca pecas caixa caixas pacote pacotes saco sacos garrafa garrafas un unid conjunto conjuntos"
    " pezzo pezzi pz confezione confezioni scatola scatole pacco pacchi sacchetto sacchetti vasetto vasetti bottiglia bottiglie"
    " stuk stuks stuck doos dozen doosje doosjes pak pakken pakje pakjes zak zakken zakje potje potjes fles flessen blik"
    " 個 つ 本 枚 点 袋 箱 缶 セット 足 冊 台 着 杯 瓶 コ ケ 組 パック こ".split()
)
# What goods come in that some shops also sell: between an amount and a name it only counts.
CONTAINERS = frozenset(
    "bucket buckets pail pails tray trays basket baskets spool spools barrel barrels keg kegs canister canisters pot pots punnet punnets eimer eimern becher bechern"
    " schale schalen korb korbe kubel kanister fass fasser spule spulen blister ballen bogen block blocke gebinde seau seaux bidon bidons panier paniers barquette"
    " barquettes plateau plateaux bobine bobines bloc blocs fut futs cubo cubos bandeja bandejas cesta cestas bidones barril barriles secchio secchi"
    " vaschetta vaschette cesto cesti bobina bobinas emmer emmers krat mand manden spoel spoelen vat vaten bakje bakjes blok blokken balde baldes cesto cestos".split()
)
PACKS = frozenset(
    "pkg boxes bags jars bottles tins cans packs packets packages tubs rolls flaschen dosen glaser packungen beutel tuten kisten kartons rollen boites paquets"
    " sachets pots bocaux bouteilles cajas bolsas botes frascos botellas paquetes caixas garrafas frascos pacotes scatole confezioni vasetti bottiglie"
    " pacchi dozen flessen zakken potjes blikken pakken".split()
)
PIECES = frozenset(
    "pc pcs pce pces piece pieces unit units stk stuck stueck stucke unite unites pieza piezas ud uds unidad unidades peca pecas unid unidade unidades"
    " pezzo pezzi pz stuks st".split()
)
"""what counts any goods, and is none itself"""
PACK_UNITS = frozenset(
    "pkg pkgs pck pckg packchen paket pakete roll rolls set sets pack packs package packages packung packungen box boxes schachtel karton lot lots boite boites coffret caja cajas juego"
    " juegos caixa caixas conjunto paquet paquets paquete paquetes pacote pacotes pacco pacchi pacchetto pacchetti pakken pakje pakjes blister scatola scatole confezione confezioni doos pak pakken セット 箱 パック er".split()
)

# Words between a quantity and its product that change nothing.
LIGHT = frozenset(
    "of the your those these this that my our de des du d' d l' l la le les el los las lo il gli i der die das den dem di"
    " des von vom o os as do da dos das del della delle dei degli het van von aus in im en a au aux with mit avec con com met"
    " normal normale normalen normaler normales regular standard usual ordinary ublichen ublicher habituel habituelle habituels normaux normali habitual habituais gewone gewoon lovely nice beautiful pretty great wonderful cute fine gorgeous famous new good original schonen schone schoner tollen tolle toller"
    " hubschen hubsche neuen neue neuer leckeren beaux beau belle belles jolie jolies joli jolis magnifique magnifiques bonito bonita bonitos"
    " bonitas lindo linda lindos lindas bello bella belli mooie mooi leuke ihre ihrer ihren ihres eure euren eurer vos votre su sus"
    " vostra vostro vostri vostre sua seu suas seus jullie uw please bitte svp dann so also auch noch the one ones more mehr weitere"
    " weiteren weiterer outro outra otros otra altri altra autres autre andere to and/or just only single einzelne einzelnen nur solo apenas alleen exactly genau"
    " extra quello quella quelli quelle celui celle ceux celles aquel aquella ese esa esos esas aquele aquela esse essa jene jenen jener"
    " proper decent sturdy solid quality classic cosy cute fancy favourite favorite adorable amazing excellent fabulous delicious tasty charming stunning superb fantastic"
    " stabile stabiler stabiles stabilen solide ordentliche ordentlicher ordentliches ordentlichen edle edler edles edlen susse susser susses leckere leckerer leckeres wunderschone wunderschoner wunderschones wunderschonen herrliche hochwertige hochwertiger hochwertiges gute guter gutes guten tolles schones hubscher hubsches"
    " superbe superbes bon bons bonne bonnes excellent excellente excellents excellentes delicieux delicieuse delicieuses mignon mignonne mignons charmante charmant sublime sublimes fameux fameuse fameuses"
    " buen buena buenos buenas precioso preciosa preciosos preciosas estupendo estupenda maravilloso maravillosa maravillosos maravillosas rico rica ricos ricas delicioso deliciosa deliciosos deliciosas hermoso hermosa hermosos hermosas excelente excelentes"
    " boa bons boas otimo otima otimos otimas maravilhoso maravilhosa maravilhosos maravilhosas belo belos bela belas excelentes"
    " buono buona buoni buone splendido splendida splendidi splendide meraviglioso meravigliosa meravigliosi ottimo ottima ottimi ottime delizioso deliziosa deliziosi deliziose stupendo stupenda stupendi carino carina"
    " goede stevige lekkere heerlijke prachtige fijne degelijke schattige goed lekker"
    " additional zusatzliche zusatzlichen supplementaire supplementaires adicional adicionales"
    " naturlich selbstverstandlich naturellement claro naturalmente natuurlijk uiteraard ne second third fourth deuxieme troisieme quatrieme zweite zweiten zweites dritte dritten drittes segundo tercer tercera secondo terzo terza tweede derde terceiro terceira"
    " product produkt artikel article item produit articulo prodotto artigo を は が の も、".split()
)
STOP = frozenset(
    "of the a an and or for with in on de des du d l la le les el los las lo il gli i der die das den dem von vom aus im mit"
    " en a au aux et y e o os as do da dos das del della delle dei degli di al alla het van een met und fur pour para por con com"
    " per voor in ein eine un une una um uma".split()
)
PLURAL_DETERMINERS = frozenset(
    "les los las gli os as des unas unos uns umas the_pl some your our these those".split()
)
SINGULAR_DETERMINERS = frozenset(
    "the this that der das den dem die le la l' l el il lo o de het der cette ce cet esta este questa questo deze dit diese dieser diesen"
    " dieses your ihr ihre ihren euer eure votre su tu vostra vostro il a uw 'the".split()
)


def plain_umlaut(word: str) -> str:
    """'muehle' and 'muhle' in one spelling."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


_COLOURS = """
blue blau blaue blauen blauer blaues bleu bleue bleus bleues azul azuis azules blu azzurro azzurra azzurri azzurre blauw blauwe 青 青い ブルー
red rot rote roten roter rotes rouge rouges rojo roja rojos rojas vermelho vermelha vermelhos vermelhas rosso rossa rossi rosse rood rode 赤 赤い レッド
green grun grune grunen gruner grunes gruen gruene gruenen vert verte verts vertes verde verdes verdi groen groene 緑 緑の グリーン
black schwarz schwarze schwarzen schwarzer schwarzes noir noire noirs noires negro negra negros negras preto preta pretos pretas nero nera neri nere zwart zwarte 黒 黒い ブラック
white weiss weisse weissen weisser weisses blanc blanche blancs blanches blanco blanca blancos blancas branco branca brancos brancas bianco bianca bianchi bianche wit witte 白 白い ホワイト
grey gray grau graue grauen grauer graues gris grise grises cinza cinzas cinzento cinzenta grigio grigia grigi grigie grijs grijze グレー
yellow gelb gelbe gelben gelber gelbes jaune jaunes amarillo amarilla amarillos amarillas amarelo amarela amarelos amarelas giallo gialla gialli gialle geel gele 黄色 黄色い イエロー
purple lila violett violette violet violets violettes morado morada morados moradas roxo roxa roxos roxas viola paars paarse 紫 パープル
brown braun braune braunen brauner braunes marron brun brune bruns brunes castanho castanha marrom marrone marroni bruin bruine 茶色 ブラウン
pink rosa rosafarben rosafarbene rosé roze ピンク
orange orangefarbene naranja laranja arancione oranje オレンジ
navy marineblau dunkelblau marineblaue dunkelblaue
beige creme cream
turquoise turkis turkise turquesa turchese
silver silbern silberne argente plateado prateado argentato zilveren
gold golden goldene goldfarben dore dorado dourado dorato gouden
"""
COLOURS = {word: line.split()[0] for line in _COLOURS.strip().splitlines() for word in line.split()}
# Materials and names that are also colours keep their meaning as words of a product's name.
_SIZES = {
    "S": "small smalls klein kleine kleinen kleiner kleines petit petite petits petites pequeno pequena pequenos pequenas piccolo piccola piccoli piccole",
    "M": "medium mediums mittel mittlere mittleren mittlerer mittelgross mittelgrosse moyen moyenne mediano mediana medio media medie middel",
    "L": "large larges big grosse grossen grosser grosses gross grand grande grands grandes grandi groot grote",
}
SIZES = {word: size for size, words in _SIZES.items() for word in words.split()}
LETTER_SIZES = frozenset("xs s m l xl xxl xxxl 2xl 3xl".split())
SIZE_WORDS = frozenset("size sizes groesse gr taille tailles talla tallas tamanho taglia maat サイズ".split())

_MEASURES = {
    "ml": ("ml", 1), "cl": ("ml", 10), "dl": ("ml", 100), "l": ("ml", 1000), "lt": ("ml", 1000), "ltr": ("ml", 1000), "liter": ("ml", 1000),
    "litre": ("ml", 1000), "litres": ("ml", 1000), "liters": ("ml", 1000), "litro": ("ml", 1000), "litros": ("ml", 1000), "litri": ("ml", 1000),
    "mg": ("g", 0.001), "g": ("g", 1), "gr": ("g", 1), "gram": ("g", 1), "grams": ("g", 1), "gramm": ("g", 1), "gramme": ("g", 1), "grammes": ("g", 1),
    "gramos": ("g", 1), "gramas": ("g", 1), "grammi": ("g", 1), "kg": ("g", 1000), "kilo": ("g", 1000), "kilos": ("g", 1000),
    "millimeter": ("mm", 1), "millimetre": ("mm", 1), "millimetres": ("mm", 1), "milimetros": ("mm", 1), "millimetri": ("mm", 1), "zentimeter": ("mm", 10),
    "centimeter": ("mm", 10), "centimeters": ("mm", 10), "centimetre": ("mm", 10), "centimetres": ("mm", 10), "centimetros": ("mm", 10), "centimetri": ("mm", 10), "kilogramm": ("g", 1000),
    "mm": ("mm", 1), "cm": ("mm", 10), "m": ("mm", 1000), "meter": ("mm", 1000), "metre": ("mm", 1000), "metres": ("mm", 1000), "meters": ("mm", 1000),
    "metros": ("mm", 1000), "metri": ("mm", 1000), "inch": ("mm", 25.4), "inches": ("mm", 25.4), "zoll": ("mm", 25.4),
    "pouce": ("mm", 25.4), "pouces": ("mm", 25.4), "pulgada": ("mm", 25.4), "pulgadas": ("mm", 25.4), "pollice": ("mm", 25.4), "pollici": ("mm", 25.4),
    "polegada": ("mm", 25.4), "polegadas": ("mm", 25.4), "duim": ("mm", 25.4),
    "oz": ("oz", 1), "lb": ("lb", 1), "lbs": ("lb", 1), "%": ("%", 1), "w": ("w", 1), "watt": ("w", 1), "v": ("v", 1), "volt": ("v", 1),
    "mah": ("mah", 1), "gb": ("gb", 1), "tb": ("tb", 1), "prozent": ("%", 1), "percent": ("%", 1),
}  # fmt: skip
SPELT_UNITS = frozenset(unit for unit in _MEASURES if len(unit) > 3 and unit.isalpha()) - {
    "inch",
    "zoll",
    "duim",
    "pouce",
    "pouces",
    "volt",
    "watt",
}
MEASURE_UNIT = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _MEASURES), key=len, reverse=True))})(?![a-z0-9])"
)


def measure_key(number: str, unit: str) -> str:
    """One key for one size, however it is written: 0.6 l, 0,6 Liter and 600 ml are the same."""
    base, factor = _MEASURES[unit]
    try:
        value = float(number.replace(",", ".")) * factor
    except ValueError:
        return f"m:{number}{unit}"
    return f"m:{value:g}{base}"
