"""The words that announce an address, and the labels of address forms, in the languages that customers write."""

from __future__ import annotations

import re
from bisect import bisect_left

from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.model import Span
from checkout_desk.reading.patterns import quick

_SOMEBODY = (
    r"(?:(?:to|for) (?:my|our) (?:mother|father|mum|mom|dad|sister|brother|friend|wife|husband|son|daughter|parents|office|home|neighbou?r|grandmother|grandfather|gran|granny|grandma|grandad|aunt|uncle|colleague|boss|cousin|niece|nephew|partner|mother-in-law|father-in-law|god(?:son|daughter|child|mother|father))"
    r"|(?:an|fur) (?:meine?n?|unsere?n?) (?:mutter|mama|vater|papa|schwester|bruder|freundin|freund|oma|opa|tante|onkel|eltern|frau|mann|tochter|sohn|kollegin|kollegen|buro|nichte|neffen?|enkelin|enkel|cousine?|nachbarin|nachbarn|chefin|chef|schwiegermutter|schwiegervater|schwagerin|schwager|patenkind|patentante|patenonkel)(?: (?:liefern|schicken|senden|versenden|verschicken|gehen))?"
    r"|(?:a|pour|chez) (?:ma|mon|mes|notre|nos) (?:mere|maman|pere|papa|soeur|frere|amie?|grand-mere|grand-pere|parents|femme|mari|fille|fils|tante|oncle|bureau|voisine?|niece|neveu|cousine?|collegue|belle-mere|beau-pere|filleule?|marraine|parrain|compagne|compagnon)"
    r"|(?:a|para) mi (?:madre|padre|mama|papa|hermana|hermano|amiga|amigo|abuela|abuelo|mujer|marido|hija|hijo|tia|tio|oficina|sobrina|sobrino|prima|primo|vecina|vecino|suegra|suegro|ahijada|ahijado|novia|novio|jefa|jefe)"
    r"|(?:a|per) (?:mia|mio) (?:madre|padre|mamma|papa|sorella|fratello|amica|amico|nonna|nonno|moglie|marito|figlia|figlio|zia|zio|nipote|cugina|cugino|suocera|suocero|vicina|vicino|collega)"
    r"|(?:a|para) (?:a )?(?:minha|meu|o meu) (?:mae|pai|irma|irmao|amiga|amigo|avo|mulher|marido|filha|filho|tia|tio|sobrinha|sobrinho|prima|primo|vizinha|vizinho|sogra|sogro|afilhada|afilhado)"
    r"|(?:aan|voor|naar) (?:mijn|onze) (?:moeder|vader|zus|broer|vriendin|vriend|oma|opa|vrouw|man|dochter|zoon|tante|oom|nicht(?:je)?|neef(?:je)?|buurvrouw|buurman|collega|schoonmoeder|schoonvader|kleindochter|kleinzoon))"
)

CUE = quick(
    r"(?P<bill>\b(?:bill(?:ed)?|invoiced?|charged?) (?:it )?to\b ?:?|\b(?:the |die |la |le |de |your )?(?:bill|invoice|receipt|rechnung|facture|factura|fattura|factuur|fatura) (?:can |should |please |bitte |bitte auch |just |soll )?(?:go(?:es)?|geht|gehen|va|vai|gaat|mag|kann) (?:to|an|a|al|au|chez|naar|para|aan)\b(?: (?:me|mich|moi|mi|mim|mij|us|uns|nous|nos))?(?: (?:at|in|unter))? ?[:,]?|\brechnung (?:bitte )?an\b ?:?|\b(?:billing|invoice|rechnungs|facturation|facturacion|faturacao|fatturazione|factuur)[ -]?(?:address|adresse|anschrift|adres)?\b(?! ?(?:-|und|and|&|et|y|e|en) ?(?:shipping|delivery|liefer|versand|livraison|envio))[ ]?:"
    r"|\badresse de facturation ?:?|\bdireccion de facturacion ?:?|\bindirizzo di fatturazione ?:?|\bmorada de faturacao ?:?|\bbilling address(?: is)? ?:?|\brechnungs(?:adresse|anschrift)(?: ist)? ?:?|\b(?:factuur|facturatie)-?adres ?:?|\brechnung ?:|\b(?:fattura(?:zione)?|facture|factura(?:cion)?|fatura(?:cao)?|factuur|invoice|bill)(?: (?:a|al|au|aux|para|pour|per|aan|naar|to|for|intestata a|au nom de|a nombre de|em nome de|op naam van))? ?:|\b(?:billing|facturation|facturacion|facturatie|fatturazione|fakturierung) ?:|\ba facturer a\b ?:?|\bfatturare a\b ?:?|\bintestat[ao] a\b ?:?)"
    r"|(?P<old>\b(?:old|previous|former|alte[nr]?|bisherige|ancienne|antigua|anterior|vecchio|oude) (?:address|adresse|anschrift|direccion|morada|indirizzo|adres)(?: (?:is|was|ist|war|era))? ?:?|\b(?:have|had|got) (?:me|us) (?:down )?(?:at|as)\b|\b(?:used to (?:live|be)|lived until \w+) (?:at|in)\b|\b(?:fruher|vorher|bisher) (?:in der|in|am|wohnhaft)\b|\bnot to\b|\bno longer at\b|\bnicht (?:mehr )?an\b)"
    r"|(?P<ship>\b(?:her|his|their|seine|ihre|deren|son|sa|leur|suo|seu|dele|dela|zijn|haar|hun|il suo) (?:new |postal |home )?(?:address|adresse|anschrift|direccion|indirizzo|adres|endereco|morada)(?: (?:is|ist|lautet|est|es|e))? ?:?|\bsu (?:direccion|domicilio)(?: es)? ?:?|(?:^|(?<=\n)|(?<=[.!?;,] ))(?:livraison|lieferung|versand|entrega|envio|consegna|spedizione|levering|verzending|delivery|shipping|deliver|ship)(?: wie immer| wie gehabt| bitte| as (?:usual|before|always)| comme d'habitude| como siempre| come sempre| zoals altijd)? ?:|\b(?:(?:new |my |our |the |neue |meine |nueva |nouvelle |nuovo |nova )?(?:shipping|delivery|postal|mailing) address(?: is| now)?|liefer(?:adresse|anschrift)|versand(?:adresse|anschrift)|(?:rechnungs-? ?(?:und|&|/) ?)?lieferadresse|adresse de livraison(?: et de facturation)?"
    r"|direccion de (?:envio|entrega)|(?:morada|endereco) de (?:entrega|envio)|indirizzo di (?:spedizione|consegna)|(?:bezorg|aflever|verzend)adres|お届け先|送付先|送り先|配送先)(?: (?:ist|lautet|est|es|e|is))?\b ?:?"
    r"|\b(?:lieferung|paket|paeckchen|packchen|sendung|ware|sachen|bestellung|das ganze|alles|parcel|package|order|delivery|goods|things|everything|it|them|colis|paquet|tout|paquete|pedido|todo|encomenda|tudo|pacco|merce|tutto|pakket|pakje|bestelling|alles)"
    r" (?:please |bitte |graag )?(?:geht|gehen|soll|sollen|goes|go|should go|can go|must go|needs to go|part|va|vont|doit partir|vai|deve ir|va spedit[oa]|gaat|gaan|mag|moet|kan)(?: please| bitte| graag| dann)?(?: an| nach| to| a| chez| para| naar| aan)\b(?: (?:mich|me|uns|us|moi|mi|mij|ons)\b)? ?:?"
    r"|\b(?:datos (?:de |para (?:el )?)(?:envio|entrega)|(?:mes )?coordonnees(?: de livraison)?|dati (?:di|per la) (?:spedizione|consegna)|dados (?:de|para) (?:a )?(?:envio|entrega)|versanddaten|lieferdaten|(?:shipping|delivery) (?:details|info)|(?:verzend|bezorg)gegevens) ?:"
    r"|\b(?:entrega|envio|livraison|lieferung|consegna|levering|delivery) (?:es|est|ist|is|e|sera|wird) (?:en|au|a|in|na|no|em|nach|an|to|bei|op|naar)\b"
    r"|\b(?:nach hause|an meine privatadresse|to my (?:home|house|flat|place)|chez moi|a mi casa|a casa mia|naar (?:mijn )?huis|thuis|para (?:a )?minha casa)(?: ?:| (?:at|in|op|en|na|au|in der)\b)"
    rf"|\b{_SOMEBODY}(?: at| in)?(?:[ ]?[:,]|(?= [^\W\d][\w'.-]+(?: [^\W\d][\w'.-]+){{1,2}}, ?[^\n]*\d))"
    r"|\b(?:ship|send|sent|deliver|post|mail|dispatch)(?:ed|ing)?(?: it| them| everything| all| this| that| the (?:parcel|order|package|goods|lot)| please)? (?:all )?(?:to|for)(?: (?:me|us|the following address|this address|my address|the office|our office|my home|my (?:mother|mum|mom|sister|brother|friend|dad|father)))?(?: (?:please|in|at))?\b ?[:,]?"
    r"|\bdrop(?:ped)? (?:(?:it|them|em|'em|everything|all|this|that|the \w+) )?(?:off )?(?:at|to)\b ?:?"
    r"|\b(?:to|an|a|aan|para|voor|fur|for|pour|per) (?:me|mich|moi|mi|mim|mij|us|uns|nous|ons) ?:"
    r"|\b(?:deliver|send|ship|post|liefern|schicken|senden|livrer|envoyer|expedier|enviar\w*|envien\w*|mandar\w*|entregar|spedire|spedite|consegnare|bezorgen|sturen|enviem|entreguem)\b[^.;:!?\n]{1,40} (?:to|at|an|nach|bei|a|chez|au|en|presso|naar|op|aan|para|em) ?:"
    r"|\ba (?:livrer|deposer|remettre|expedier|envoyer)(?: en mairie| sur place)?(?: a| au| chez)?\b(?: (?:restaurant|magasin|bureau|salon|cafe)(?=,))? ?:?|\b(?:goes to|delivery to|shipping to|deliver to|ship to|adressed to|addressed to)\b ?:?"
    r"|\b(?:lieferung|liefern|schicken|senden|versand|versenden|versendet|schicke|sende)(?: sie)?(?: es| alles| das| bitte| die ware| das paket)*,? (?:bitte )?(?:an|nach)(?: (?:mich|uns|folgende adresse|meine adresse))?\b ?:?"
    r"|\b(?:livrer|livraison|envoyer|expedier|envoyez|expediez|livrez|enverrez|livrerez|expedierez)(?:[ -](?:le|la|les|tout|moi|ca|cela))*(?: a| chez| au)\b ?(?:l'adresse(?: suivante)?)? ?:?"
    r"|\b(?:envi\w{1,8}|entreg\w{1,6}|mand(?:ar|en|e|em)\w{0,4})(?: todo| por favor| el paquete| tudo)?(?: a| en| para| em| n[ao](?= (?:rua|r\.|avenida|av\b|travessa|praca|estrada|largo|alameda)))(?: la (?:siguiente )?direccion)?(?: a(?= rua)| o(?= largo))?\b ?:?"
    r"|\b(?:sped\w{1,8}|consegn\w{1,6}|invi\w{2,8})(?: tutto| il pacco)?(?: a| presso)\b ?:?"
    r"|\b(?:bezorgen|sturen|verzenden|leveren|stuur|levering|bezorging|aflevering)(?: het| alles| graag)?(?: naar| op| aan| bij)\b(?: (?:de|het)\b(?= [^\W\d]+(?:laan|straat|weg|plein|gracht|kade|singel|dijk)\b))? ?:?)"
    r"|(?P<plain>\b(?:my |the )?address (?:as follows|follows|below)\b(?: ?:)?|\b(?:my |our |meine? |mi |mon |ma |mio |mijn |unsere |notre |il mio |a minha |o meu )?(?:address|adresse|anschrift|direccion|morada|endereco|indirizzo|adres|住所)(?: (?:is|ist|lautet|est|es|e))?\b ?:"
    r"|\b(?:my|our|meine|mi|mon|mijn|il mio|a minha|minha|o meu|unsere) (?:new |neue |nueva |nouvelle )?(?:address|adresse|anschrift|direccion|morada|indirizzo|adres)(?: (?:is|ist|lautet|est|es|e|has changed to|is now))\b ?:?"
    r"|\b(?:the|die|la|il|o|a|het) (?:address|adresse|anschrift|direccion|indirizzo|endereco|morada|adres) (?:is|ist|lautet|est|es|e)\b ?:?|\bl'(?:adresse est|indirizzo e)\b ?:?"
    r"|\b(?:i'?m|i am|we'?re|we are) at\b(?= \d)|\b(?:i|we) (?:now )?live (?:at|in)\b|\bmoved to\b|\b(?:we'?re|we are|i'?m|i am|office is|shop is) (?:based|located|situated) (?:at|in)\b|\b(?:wir sitzen|wir sind|unser\w* (?:buro|laden|geschaft) ist) (?:hier )?(?:in der|am|an der|im|auf der)\b|\b(?:nous sommes|on est) (?:situes |installes )?(?:au|a)\b(?= \d)|\bestamos (?:en|na|no|em)\b(?: (?:la|el)\b(?= [^\W\d]))?|\b(?:siamo|ci troviamo) (?:in|a)\b(?= (?:via|viale|corso|piazza|largo))|\b(?:ich wohne|wir wohnen|wohnhaft)(?: hier)? (?:in der|in|am|an der|im|auf der)?\b|\b(?:j'habite|nous habitons|on habite)(?: au| a)?\b|\bviv(?:o|imos) en\b|\bmor(?:o|amos) (?:na|em|no)\b|\babit(?:o|iamo) in\b|\b(?:ik woon|wij wonen|we wonen|wij zitten) (?:op|aan|in)\b|(?<!')\b(?:to|an(?! de[rnm] )|at)\b(?= [^\n,]{2,40},? \d)|\b(?:to|aan|para|chez|naar)\b(?= [^\n,]{3,40}, [^\n,]{3,40})|\ban\b(?= [^\W\d]+ [^\W\d]+, [^\n,]{3,40}\d))"
)


class Announced:
    """What announces an address in a text. Where it can begin is looked for once: most pieces have none."""

    def __init__(self, low: str, cue_of: re.Pattern[str]) -> None:
        self._low, self._cue_of = low, cue_of
        self._begins: list[int] = []
        match = cue_of.search(low)
        while match:
            self._begins.append(match.start())
            match = cue_of.search(low, match.start() + 1)

    def last(self, start: int, end: int) -> re.Match[str] | None:
        """The last one that lies in a range; what stands a little behind it may say that it is none."""
        at = bisect_left(self._begins, start)
        if at == len(self._begins) or self._begins[at] >= end:
            return None
        last = None
        for match in self._cue_of.finditer(self._low, start, min(len(self._low), end + 90)):
            if match.end() <= end + (self._low[match.end() - 1] in ",:"):
                last = match
        return last


LABELS = {
    "first": r"first ?name|vorname|prenom|primer nombre|voornaam|given name",
    "last": r"last ?name|surname|family name|nachname|nom de famille|apellidos?|cognome|sobrenome|apelido|achternaam",
    "name": r"(?:full |your |contact |first and last )?name|(?:ihr |dein |vor- und nach)?name|(?:votre |vos )?nom(?:s? et prenoms?| complet| et prenom)?|(?:su |tu )?nombre(?: completo| y apellidos)?|(?:o seu |seu |il tuo |tuo |suo |il suo )?nome(?: completo| e cognome| e apelido)?|(?:uw |je |jouw )?naam|ship to name|recipient|empfanger|destinataire|destinatario|(?:delivery|shipping|recipient'?s?|parcel) name|nom du destinataire|navn|namn|imie i nazwisko|jmeno|nimi|お名前|氏名|名前|お届け先名",
    "line1": r"(?:street|shipping )?(?:address|street)(?: line)? ?1?|street(?: and| &)? ?(?:house )?(?:no|number)?|strasse(?: ?(?:und|/|&|,) ?(?:haus)?(?:nr|nummer)\.?)?|rue|calle|rua|via|straat(?: en (?:huis)?nummer)?|address line 1|(?:delivery |shipping )?street address|house (?:no\.?|number)(?: and| &|,|/) ?street|(?:n[°o]\.?|numero) et rue|domicilio|(?:via|calle|rua)(?: [ey]|,) ?n(?:umero|[°.º])(?: civico)?|gatuadress|gate|vej|ulica|osoite|adresse|anschrift|direccion|endereco|morada|indirizzo|adres",
    "line2": r"address line 2|address ?2|adresszusatz|complement(?:o| d'adresse)?|bairro|colonia|apartment|apt|flat|unit|toevoeging|interno|piso(?: ?/ ?puerta)?|puerta|planta|etage|stockwerk|floor|building|appartement|appt|batiment|andar|scala",
    "city": r"city|town|city/town|town/city|ort|stadt|wohnort|ville|ciudad|poblacion|localidad|cidade|localidade|citta|plaats|woonplaats|post town|localita|municipio|commune|gemeente|suburb|poststed|postort|miasto|mesto|kaupunki|市区町村",
    "region": r"state(?:/province)?|state ?/ ?(?:province|county|region)|county|region|province|kanton|canton|bundesland|provincia|estado|stato|都道府県|prefecture",
    "postcode": r"post ?code|zip(?: ?code)?|postal code|plz|postleitzahl|code postal|cp|codigo postal|cep|cap|postcode|(?:postal|post) ?/ ?zip ?code|zip ?/ ?post(?:al|code)(?: code)?|eircode|pin(?: ?code)?|postnr\.?|postnummer|kod pocztowy|psc|postinumero|c\.p\.|郵便番号",
    "place": r"plz(?: ?/ ?|,? (?:und )?)(?:wohn)?ort|code postal(?: et|/| ?/ ?) ?ville|postcode (?:en|/) ?(?:woon)?plaats|cap(?: e|/) ?citta|city,? state,? (?:and )?zip",
    "country": r"country(?: ?/ ?region)?|land|kraj|zeme|maa|pays|pais|paese|国",
}


LABELLED = {
    key: re.compile(
        rf"[ \t*>•-]{{0,4}}(?:{words})[ *]{{0,3}}(?:[:=|]|\t|(?<= )-(?= ))[ *\t]{{0,4}}(?P<value>[^\n]{{1,120}})"
    )
    for key, words in LABELS.items()
}


BILL_BEHIND = re.compile(
    r"[ ,;.(-]{0,4}(?:(?:that's|that is|this is|which is|it's|only|just|das ist|nur|c'est|eso es|es|questo e|dat is|alleen) ){0,2}"
    r"(?:for|fur|pour|para|per|voor) (?:the |die |la |a |de )?(?:invoice|bill|rechnung|facture|factura|fatura|fattura|factuur)\b(?! (?:and|und|et|y|e|en|too|auch)\b)"
)
"""'I live at 8 Tower Street, Ludlow, that's for the invoice'"""
_NEXT_LABEL = re.compile(r"[,;.] +(?=[^\W\d][^\W\d/ ]{1,14}(?:[ /][^\W\d]{1,14})? ?: )")


def _labels_of(line: str) -> list[Span]:
    """One line, or the parts of 'Name: Ann Lee, City: Leeds'."""
    marks = [match.span() for match in _NEXT_LABEL.finditer(line[:1_000])]
    return list(zip([0, *(b for _, b in marks)], [*(a for a, _ in marks), len(line)], strict=True))


def labelled(canon: Canon) -> dict[str, Span]:
    """The fields of a filled-in form: 'Street: …', 'PLZ/Ort: …'; {} unless at least two belong to an address."""
    found: dict[str, Span] = {}
    at = 0
    for line in canon.low.split("\n"):
        if any(sign in line for sign in ":=|\t") or " - " in line:
            for start, end in _labels_of(line):
                part = line[start:end].rstrip()
                for key in ("place", *(k for k in LABELLED if k != "place")):
                    match = LABELLED[key].fullmatch(part)
                    if match and key not in found:
                        begin = at + start + match.start("value")
                        found[key] = (begin, begin + len(match["value"].rstrip(" .")))
                        break
        at += len(line) + 1
    if "last" in found and "first" not in found and "name" in found:
        found["first"] = found.pop(
            "name"
        )  # 'Nome' is the whole name in one form, the first one beside 'Cognome'
    parts = {"line1", "city", "postcode", "place"} & set(found)
    if len(parts) < 2:
        return {key: found[key] for key in ("name", "first", "last") if key in found}
    return found
