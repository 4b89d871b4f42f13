"""The words by which a sentence orders, asks, tells of the past, takes back or corrects. All patterns read folded text."""

from __future__ import annotations

import re

from checkout_desk.reading.patterns import quick


def _any(*patterns: str) -> re.Pattern[str]:
    return quick("|".join(patterns))


ORDER = _any(
    r"\b(?:order(?!ed)|i'?d (?:like|love|want|be glad|take|also)|would (?:like|love)|i'?ll (?:take|have)|we'?ll (?:take|have)|we'?d (?:like|love|also)|send|ship|post|mail|deliver|supply|buy"
    r"|purchase|put (?:me|us) down|looking for|we'?re after|i'?m after|need|needs|want|wants|require|add|include|please(?! (?:find|note|see|confirm|advise|let|tell|quote))|pls|plz|reserve|either|let (?:me|us) have"
    r"|let'?s (?:try|have|get|take|do|go with)|can (?:i|we|you)|could (?:i|we|you)|may (?:i|we)|(?:i am|we are) after|go for|take|get me|get us|make it|make that|sign me up|would (?:do|suit)|pack|throw in|chuck in|pop in|(?:put|pop|throw|chuck|stick|bung|slip)(?= [^.!?\n]{1,40}\bin\b)|put in|stick in|bung in|slip in)\b",
    r"\b(?:bestell(?!t|nummer|ungsn)\w*|mocht\w*|hatte(?:n)? (?:ich |wir )?(?:auch )?gern\w*|gerne?|bitte|brauch\w*|benotig\w*|nehm\w*|kauf(?!t)\w*|schick\w*|send\w*|liefer\w*|order\w*|wunsch\w*|packen|erbitte\w*|bezieh\w*)\b|\bleg(?:en|t|e)? [^.!?\n]{1,60}\b(?:dazu|bei|drauf|rein)\b",
    r"\b(?:commande(?:r|rais|rions|ons)?|voudr\w*|souhait\w*|aimer\w*|envo(?:y|i)\w*|r?ajout\w*|r?e?prend\w*|r?e?prenons|prendra\w*|mett(?:ez|re|rez)|ce sera\w*|remettez|besoin|achet(?:er|e|ons|erai)|s'il (?:vous|te) plait|svp|veuillez|expedi\w*|faudrait|faut|merci de)\b",
    r"\b(?:mand|envi|apunt|reserv|prepar)(?:a|ad|e|en)(?:me|nos)\b|\b(?:manda|invia|spedisci|prepara|metti)(?:mi|ci|temi|teci)\b|\b(?:manda|envia|reserva|envie|mande)m?-(?:me|nos)\b",
    r"\b(?:pedir|pedido|pido|pedimos|quier\w*|quer(?:ria|emos)\w*|quisier\w*|necesit\w*|comprar|anad\w*|agreg\w*|sum(?:e|en|ad|ar)(?:me|nos)?|envi(?:en|e|ar|arme|ad|eme|enme)|mand(?:en|e|ar|arme|eme|enme)|por favor|encargar|encargo|gustaria|dese\w*|ponga\w*|pongan\w*|poned(?:me|nos)?|pon(?:me|nos|er)|seria[ns]?|llevo|querria\w*|precis\w*)\b",
    r"\b(?:encomend(?:ar|o|a)\b|queria|gostava(?:mos)? (?:de|muito)|querer|quero|queremos|gostari\w*|precis\w*|necessit\w*|gostav\w+ (?:muito )?de|levo|seriam?|comprar|envi(?:em|e|ar)|mand(?:em|e|ar)|se faz favor|desej\w*|adicion\w*|acrescent\w*)\b",
    r"\b(?:ordin(?:are|o|iamo)|vorre\w*|prend(?:o|iamo|erei)|servono|servirebb\w*|metta|mettete\w*|sarebbero|acquistare|comprare|sped(?:ire|ite|itemi|iteci)|invi(?:are|ate|atemi)|per favore|per cortesia|bisogno|desider\w*|mandate\w*|aggiung\w*)\b",
    r"\b(?:bestel(?!d\b|nummer)\w*|wil(?:len)?|graag|voeg|stuur\w*|sturen|lever(?:en)?|koop|kopen|nodig|neem|nemen|doe|doet|gooi|alstublieft|alsjeblieft|aub|a\.u\.b)\b",
    r"\b(?:busco|buscamos|procuro|procuramos|cerco|cerchiamo|zoek(?:en)? (?:ik|wij|we)|(?:ik|wij|we) zoek(?:en)?|suchen? (?:ich|wir)|(?:ich|wir) suchen?)\b",
    "注文(?!しました|した|番号)|お願い|おねがい|ください|下さい|購入(?!しました)|欲しい|ほしい|希望",
)

# "I love it so much that I would like two more": what is wished behind praise is ordered.
WISH = quick(
    r"\b(?:i|we)(?:'d| would) (?:like|love) (?:to (?:order|buy|have)|a|an|another|one|two|three|four|five|six|\d+|some)\b|\b(?:mochte|hatte) (?:ich|wir) (?:gerne? )?(?:noch|weitere|ein\w{0,2}|zwei|drei|\d+)\b"
)

INTENT = _any(
    r"\b(?:(?:place|make) an order|new order|i(?:'d| would) like to order|want to order|my order is|order form|hereby order|mochte\w* (?:etwas |gerne? )?bestellen|bestelle(?:n)? (?:ich|wir)|ich bestelle"
    r"|passer (?:une )?commande|hacer un pedido|fazer uma encomenda|fare un ordine|bestelling plaatsen)\b|\bsame (?:again|(?:order )?as (?:last time|before|usual))\b|\b(?:dasselbe|das gleiche|gleiche bestellung) (?:nochmal|noch einmal|wie)\b|\bla meme (?:chose|commande) que\b|\blo mismo (?:que|de) (?:la ultima vez|siempre)\b|\bhetzelfde als (?:vorige|de vorige)"
)

# Goods that only an earlier order names.
AGAIN = quick(
    r"\b(?:repeat|re-?order|redo) (?:my|our|the|that) (?:last |previous |usual )?order\b|\bsame order\b|\b(?:meine|unsere|die) (?:letzte |vorige )?bestellung (?:bitte )?(?:nochmals?|noch einmal|wiederholen)\b|\bbestellung wiederholen\b|\b(?:refaire|renouveler|repasser) (?:la meme|ma|notre|une) (?:derniere )?commande\b|\bla meme commande\b|\b(?:repetir|repita\w*|repitan\w*) (?:el|mi|nuestro|o|a) (?:ultim[oa] )?(?:pedido|encomenda)\b|\b(?:el )?mismo pedido\b|\ba mesma encomenda\b|\bo mesmo pedido\b|\b(?:lo )?stesso ordine\b|\b(?:ripetere|rifare) (?:l'|il mio |lo stesso )(?:ultimo )?ordine\b|\bdezelfde bestelling\b|\bbestelling herhalen\b|同じ(?:もの|注文|内容)"
)

ASK = _any(
    r"\b(?:how (?:much|many|long|soon|do|does|can|would|big|heavy|old|often)|what(?:'s|s)?|which|when (?:will|can|do|does|is|are|would)|where|why|who|do you|do they|does|did you|have you|price list|(?<!at the )(?<!if the )(?<!for the )(?<!sale )(?<!special )(?<!full )(?<!offer )prices?|costs?|quotation|a quote|quote for|in stock|available|availability|discount|wondering|wonder|curious|let me know (?:if|whether|how|what|when)|tell me|question|is it possible to know|any chance of)\b",
    r"(?:^|[.!?,;:\n])[ \"'(-]{0,4}(?:(?:and|but|so|also|or|hi|hello|hey|ok|please) ){0,2}(?:are (?:you|these|those|they|the|there)|is (?:the|this|that|it|there|your))\b",
    r"\b(?:was (?:kost\w*|wurde\w*|ist|sind)|wie ?viel\w*|(?<!zum )(?<!wenn der )preis(?:e|liste|en)?|haben sie|habt ihr|hast du|hatten sie|fuhren sie|gibt es|verfugbar\w*|auf lager|lieferbar|vorratig|wann|wo|auskunft|wie lange|wie gross|wie schwer|welche\w*|angebot uber|angebot fur|kostet|kosten|frage|fragen|ist (?:der|die|das|es)|sind (?:die|das))\b",
    r"\b(?:combien|quel(?:le)?s?(?! (?:d[aeio]\w{0,3}|che|col|con|in|per|piccol\w+|grand[ei]|piu)\b)|(?<!au )(?<!si le )prix|cout(?:s|e|ent|er|era|erait|eraient)?|avez[- ]vous|auriez[- ]vous|vendez[- ]vous|est[- ]ce que|est[- ]il|sont[- ]ils|y a[- ]t[- ]il|disponib\w*|en stock|delai|quand|ou (?:est|en est|sont)|devis|tarifs?|savoir si|question)\b",
    r"\b(?:(?<!unos )(?<!unas )cuant[oa]s?|a como|saldri\w+|(?<!al )(?<!si el )precios?|cuest\w*|costari\w*|tienen|tienes|tendrian|hay|disponib\w*|en stock|cuando|donde|cual(?:es)?|presupuesto|saber si|pregunta|venden)\b",
    r"\b(?:quant[oa]s?|preco|precos|cust(?:a|am|aria|ariam)|(?<!que )(?<!ela )(?<!ele )tem(?! que)|disponi\w*|em stock|em estoque|quando|onde|qual|quais|orcamento|saber se|vendem)\b",
    r"\b(?:quant[oiae](?! segue)|prezz[oi]|cost(?:a|ano|erebbe|erebbero)|avete|disponibil\w*|quando|dove|qual[ei]?|preventivo|sapere se|vendete)\b",
    r"\b(?:hoeveel|wat (?:kost|kosten|is|zijn)|prijs|prijzen|hebben jullie|heeft u|hebt u|verkopen jullie|voorraad|wanneer|waar|welke|leverbaar|offerte|kosten|vraag)\b",
    "いくら|値段|価格|在庫|でしょうか|ますか|ありますか|いつ|どこ|見積(?!で|じゃ)|送料|ですか|教えて",
)

# A question by politeness only: "could you send me", "can I order".
POLITE = _any(
    r"\b(?:can|could|may|might) (?:i|we) (?:trouble|bother|ask|pester) you for\b|\b(?:would|could|will) you be so kind\b|\b(?:would|do) you mind (?:send|add|put|post|includ)ing\b|\b(?:i|we) (?:was|were|am|are|'m|'re)? ?wonder(?:ing)? (?:if|whether) (?:you|i|we) (?:could|can|might) (?:please )?(?:send|post|add|include|get|have|order|buy|put)\b"
    r"|\b(?:can|could|may|might) (?:i|we) (?:please |also |just )?(?:get|have|order|buy|take|request|purchase|add|ask for|make|change|swap|increase|reduce|bump|drop|remove|cancel)|\b(?:can|could|would|will) you (?:please |kindly |also |just )?(?:send|ship|post|mail|put|add|pack|get|reserve|deliver|supply|prepare|include|make|change|do|spare|manage|pop|throw|slip|arrange|organi[sz]e|swap|replace|increase|reduce|update|remove|cancel|leave|drop|take|throw|let)"
    r"|\b(?:is it|would it be) possible to (?:also |please )?(?:order|get|buy|have|purchase|add|throw in|include|send|put|swap|change)|\bwould it be ok to order|\b(?:is it|am i|are we) (?:still (?:possible|ok|in time)|too late) to\b|\best[- ]il (?:encore |toujours )?(?:temps|possible) d|\best-ce trop tard pour|\bist es (?:noch|schon zu) |\bestoy a tiempo de|\bse puede todavia|\bainda (?:vou|estou) a tempo de|\bsono (?:ancora )?in tempo|\bposso ancora\b|\bis het nog mogelijk",
    r"\b(?:konnt?en|konnte|kann|konnt|wurden|wurdet) (?:sie|ihr|ich|wir|du)\b|\bdarf ich",
    r"\b(?:pourr(?:iez|ais|ait|ions)|pouvez|peux|puis|peut|serait[- ]il possible)\b",
    r"\b(?:pued(?:en|e|o|es)|podri(?:an|a|as)|podemos|podeis|me (?:envi(?:an|ais)|mand(?:an|ais)|pon(?:en|eis|es)))\b",
    r"\b(?:pod(?:em|e|eria|eriam|ia|iam)|posso|da (?:pra|para)|tem como)\b",
    r"\b(?:pot(?:rei|rebbe|reste|ete|remmo)|posso|possiamo|puo)\b",
    r"\b(?:kunt|kun|kunnen|zou|zouden|mag|mogen|wilt|willen) (?:u|jullie|je|ik|wij|we)\b",
    "お願いできますか|送っていただけますか|いただけますか|もらえますか|注文できますか",
)
POLITE_ACT = _any(
    r"\b(?:trouble|sending|adding|posting|including|send|ship|post|mail|order|get|have|buy|take|request|purchase|add|put|pack|reserve|prepare|include|supply|deliver|make|change|do|spare|manage|pop|throw|slip|arrange|organi[sz]e|swap|increase|reduce|raise|lower|bump|update|remove|cancel|leave|drop|throw in|add)\b",
    r"erhoh|aufstock|ander|reduzier|streich|storn|schick|send|bestell|liefer|pack|kauf|haben|bekomm|reservier|zukommen|hinzufug|machen|(?<!uber)legen|mitgeben|dazu(?:tun|geben|nehm)",
    r"modifi|chang|augment|supprim|enlev|retir|envoy|command|expedi|livr|avoir|prendre|achet|ajout|reserv|prepar|mettre|parvenir|fournir|passer (?:de|a)\b",
    r"cambi|quit|cancel|envi|mand|ped|compr|pon|prepar|reserv|anad|encarg|agreg",
    r"encomend|adicion|acrescent|junt(?:ar|em)|arranj|troc",
    r"cambi|modific|togli|annull|sped|ordin|prend|avere|aggiung|acquist",
    r"wijzig|verander|annule|stuur|sturen|bestel|lever|krijg|koop|kopen|toevoeg|hebben|mag ik|mogen w|maak|maken|eraf",
    "注文|送って|できますか|いただけますか|もらえますか",
)
# What a question for goods never asks, however polite: price, stock, time.
ASK_STRICT = _any(
    r"\b(?:how|what(?:'s|s)?|which|when|where|why|prices?|costs?|quote|quotation|in stock|available|availability|discount|cheaper|tell me|let me know|exchange|return|replace|refund)\b",
    r"\b(?:was kost\w*|wie|wieviel\w*|preis\w*|verfugbar\w*|auf lager|lieferbar|vorratig|wann|wo|welche\w*|angebot|kostet|kosten|sagen|rabatt|zuruck\w*|umtausch\w*)\b",
    r"\b(?:combien|quel(?:le)?s?(?! (?:d[aeio]\w{0,3}|che|con|in|per|piccol\w+|grand[ei]|piu)\b)|prix|cout(?:s|e|ent|er|era|erait|eraient)?|disponib\w*|en stock|delai|quand|devis|tarifs?|dire|remise|savoir|confirmer)\b",
    r"\b(?:(?<!unos )(?<!unas )cuant[oa]s?|a como|saldri\w+|precios?|cuest\w*|disponib\w*|cuando|donde|cual(?:es)?|presupuesto|decir\w*|descuento|tienen|hay)\b",
    r"\b(?:quant[oa]s?|precos?|cust\w*|disponi\w*|quando|onde|qual|orcamento|dizer|desconto)\b",
    r"\b(?:quant[oiae](?! segue)|prezz\w*|cost\w*|disponibil\w*|dove|qual[ei]?|preventivo|dirmi|sconto)\b",
    r"\b(?:hoeveel|kost\w*|prijs|voorraad|wanneer|waar|welke|leverbaar|offerte|zeggen|korting|bezorgen)\b",
    "いくら|値段|価格|在庫|いつ|どこ|見積(?!で|じゃ)|送料",
)

PAST = _any(
    r"\b(?:thanks|thank you|thx)(?: so much| very much| a lot| again)? for (?:the|my|your|those|these|sending|\d)|\b(?:danke?|dank)\b[^.!?\n]{0,20}\bfur (?:die|den|das|ihre|eure|meine|\d)|\bmerci (?:beaucoup |encore )?pour\b|\bgracias por (?:l[oa]s?|el|su|\d)|\bobrigad[oa] pel[oa]s?|\bgrazie (?:mille )?per (?:i|gli|le|la|il|lo|l')\b|\b(?:bedankt|dank)\b[^.!?\n]{0,12}\bvoor (?:de|het|die)\b",
    r"\b(?:we|i|they|everyone|guests|family)(?: all| really| just)? (?:love|loved|like|liked|enjoy|enjoyed)\b|\benjoyed\b|\b(?:were|was) (?:delicious|great|lovely|wonderful|perfect|excellent|a hit|amazing|brilliant)|\b(?:waren|war) (?:kostlich|toll|super|lecker|wunderbar|sehr)|\betai(?:en)?t (?:delici|super|parfait|excell|tres)|\b(?:estaban?|eran|fueron) (?:delici|buen|muy|perfect|estupend)|\bestava[m]? (?:delici|muito|otim)|\berano? (?:buon|delizios|ottim|perfett)|\bwaren (?:heerlijk|lekker|erg|prachtig)",
    r"\b(?:arrived|came) (?:safely|well|today|yesterday|this morning|on time)|\b(?:arrived|angekommen|arrive[es]s?|bien recu|llegaron|han gustado|sono piaciut[iae]|goed aangekomen|gut angekommen)\b",
    r"\b(?:i|we|he|she|they|you)(?:'ve| have| had|'d)? (?:already |just |recently |once )?(?:ordered|bought|purchased|received|paid|got from|placed|owned|returned|tried)\b",
    r"(?<!can )(?<!could )(?<!may )\b(?:i|we) (?:already )?(?:have|own) (?:\d|two|three|four|five|six|a dozen)",
    r"\b(?:deliver|for|about|regarding|my|our|the|of|from) order (?:no\.? ?|number |#)?\d{3,}(?! [a-z])|\b(?:meiner?|zur|unsere[rn]?) bestellung (?:nr\.? ?)?\d{3,}(?! [a-z])",
    r"\b(?:i|we)(?:'ve| have) had\b|\b(?:gave|given) (?:me|us|him|her|them)\b|\b(?:can't|cannot|can not) wait (?:for|to)\b|\blooking forward to\b|\bmanquai(?:en)?t\b|(?<!was )(?<!was mir )(?<!was uns )(?<!was noch )\bfehl(?:t|te|ten)\b|\bes fehlen\b|\bfaltaban?\b|\bfaltaron\b|\bfaltavam?\b|\bmancava(?:no)?\b|\bontbrak(?:en)?\b",
    r"\b(?:used up|run out of|ran out of|running out of|(?:gone|got|get|went|burnt|burned) through|finished (?:off|up)|all gone)\b|\b(?:ist|sind|war|waren) (?:schon |jetzt |fast |bereits |alle )*(?:leer|alle|aufgebraucht|verbraucht|aus(?= ?[.,;!]|$))(?!\w)|\b(?:is|zijn|was|waren) (?:bijna |al |alweer )?op(?= ?[.,;!)]|$)"
    r"|\b(?:n'avons|n'ai|n'a) (?:presque )?plus (?:de|d')|\b(?:se (?:nos|me) (?:han?|ha) (?:acabado|terminado)|se (?:nos|me) acab\w+|(?:abbiamo|ho) (?:finito|esaurito)|sono finit[ie]|acab(?:ou|aram|amos))\b"
    r"|\bhabe?n? (?:ich |wir )?(?:schon|bereits|noch)\b(?! (?:lust|fragen?|platz|interesse))|\b(?:have|'ve) already\b|\b(?:j'ai|nous avons|on a|(?:on|je|nous) l(?:'|es )(?:ai|as?|avons)) deja\b|\bya (?:tengo|tenemos|l[oae]s? (?:tengo|tenemos))\b|\b(?:ho|abbiamo|ce l'ho|ce li ho) gia\b|\bja (?:tenho|temos)\b|\b(?:heb|hebben) (?:ik |we |wij )?(?:er )?(?:al|nog)\b",
    r"\b(?:he|she|they|friend|sister|brother|mother|mum|mom|neighbou?r|colleague|wife|husband|aunt|son|daughter)(?: has| had)?(?: already)? (?:got|has|bought|ordered|received|owns)\b",
    r"\b(?:chipped|smashed|dented|arrived|last (?:week|month|year|time|order|spring|summer|autumn|winter|christmas|monday|tuesday|wednesday|thursday|friday)|previous(?:ly)?|past order|already (?:have|own|got)|i (?:already )?own|are lovely|is lovely|broke|broken|damaged|faulty|cracked|you sent|was (?:sent|delivered|missing)|were (?:sent|delivered|missing)|came (?:yesterday|today|broken|with)|delivered (?:yesterday|today|last))\b",
    r"\b(?:habe?n?|hatten?|hat|wurden?) [^.!?\n]{0,90}\b(?:bestellt|erhalten|gekauft|bekommen|bezahlt|geliefert|zuruckgeschickt)\b|\b(?:bestellt|erhalten|gekauft|bekommen|bezahlt) (?:habe?n?|hatten?)\b|\bangekommen|\bletzte[nrsm]? (?:woche|monat|mal|bestellung|jahr|sommer|winter)|\bkaputt|\bbeschadigt|\bdefekt|\bwie beim letzten|\bzerbrochen|\bbesitze\b|\bhabe ich schon",
    r"\b(?:j'ai|nous avons|avons|a ete|avais|avions) (?:deja |bien |passe )?(?:commande|recu|achete|paye|livre|pris)|\b(?:est|sont) (?:bien )?arriv\w*|\bl'an(?:nee)? dernier\w*|\bderniere? (?:commande|fois|colis)|\bla semaine derniere|\ble mois dernier|\bcassee?s?\b|\babimee?s?\b|\bdefectueu",
    r"\b(?:pedi|compre|recibi|encargue|recibimos|compramos|he (?:pedido|comprado|recibido)|hemos (?:pedido|recibido|comprado))\b|\bllego\b|\bllegaron\b|\bha llegado|\bultim[oa] (?:pedido|vez|compra)|\bsemana pasada|\bmes pasado|\brot[oa]s?\b|\bdanad[oa]s?\b|\bdefectuos",
    r"\b(?:encomendei|comprei|recebi|encomendamos|recebemos|chegou|chegaram)\b|\bsemana passada|\bmes passado|\bpartid[oa]s?\b|\bquebrad[oa]s?\b|\bdanificad",
    r"\b(?:ho|abbiamo|avevo) (?:gia )?(?:ordinato|comprato|ricevuto|acquistato)|\barrivat[oaie]\b|\bscors[oa]\b|\brott[oaie]\b|\bdanneggiat|\bdifettos",
    r"\b(?:heb|hebben|had) [^.!?\n]{0,80}\b(?:besteld|ontvangen|gekocht|gekregen)\b|\baangekomen|\bvorige? (?:week|maand|keer|bestelling|jaar|zomer|winter)|\bkocht(?:en)?\b|\bkapot\b|\bbeschadigd",
    "届きました|届いた|注文しました|注文した(?!い)|購入しました|購入した(?!い)|買いました|買った|先日|受け取り|先週|先月|壊れ|割れ",
)

WITHOUT = _any(
    r"\b(?:without|no(?![.:]? ?\d)|not|don'?t|do not|doesn'?t|leave (?:out|off)|remove|drop|cancel|skip|scrap|scratch(?! that)|bin|ditch|strike|never mind|changed (?:my|our) minds? (?:about|on)|except|none(?= of)|neither|instead of|rather than|take (?:out|off)|minus|delete|forget|no longer|won'?t)\b",
    r"\b(?:ohne|kein\w{0,2}|nicht|streich\w*|statt|anstatt|anstelle|storn\w*|entfern\w*|ausser|nimm\w*)\b",
    r"\b(?:aucune?s?|sans|pas d[e'u]s?|pas|laiss(?:ez|e|ons) tomber|(?<!ai )(?<!avons )(?<!avais )oubli(?:ez|e|ons)|annul\w*|enlev\w*|ot(?:ez|er)|retir\w*|supprim\w*|au lieu d[eu']s?|plutot que|a la place d[eu']s?|sauf)(?=\W|$)",
    r"\b(?:ningun[oa]?s?|sin|no|olvid\w+|dej(?:ad|en|a|emos) fuera|quit(?:a|e|en|ad|ar|ame|enme|adme)|cancel\w*|elimin\w*|en vez de|en lugar de|excepto|anul\w*)\b",
    r"\b(?:nenhuma?|sem|nao|retir\w*|tir(?:e|ar|em)|em vez de|exceto)\b",
    r"\b(?:nessun[oa]?|senza|niente|non|lasci\w+ (?:perdere|stare|fuori)|elimin\w*|cancell\w*|togli\w*|tolg\w*|lev(?:i|ate) (?:pure |anche )?(?=il|lo|la|i|gli|le|un)|annull\w*|invece d\w{1,4}|al posto d\w{1,4}|tranne)\b",
    r"\b(?:zonder|geen|niet|vergeet|laat maar|annule\w*|verwijder\w*|in plaats van|schrap\w*)\b",
)
# "swap the red mugs for green ones": what stands before the middle word goes, what stands behind it comes.
SWAP = quick(
    r"\b(?:swap|replace|exchange|substitute|switch|make (?=(?:the|my) [^.!?\n]{3,40} an? \w+ one\b)|chang(?:e|ing)(?=[^.!?\n]{3,80}? (?:to|for|into) an? )|ersetz\w*|tausch\w*|remplac\w*|chang(?:ez|er|e)(?=[^.!?\n]{3,60}? en )|echang\w*|cambi\w*|sustitu\w*|reemplaz\w*|substitu\w*|troc\w+|troqu\w+|sostitu\w*|vervang\w*|ruil\w*)\b"
    r"[^.!?\n]{3,80}?(?P<middle>\b(?:for|with|by|durch|gegen|par|contre|por(?! favor)|con|pelo|pela|door|voor|met|to|an?(?= \w+ one\b)|en(?= (?:une? )?(?:bleue?s?|rouges?|vert\w*|noire?s?|blan\w+|jaunes?|gris\w*|azul\w*|roj\w+|verdes?|negr\w+|amarill\w+|taille|talla|version)\b))\b)"
)
SWAP_BEHIND = quick(
    r"(?P<middle>\b(?:gegen|durch|door|voor|tegen)\b)[^.!?\n]{3,90}?\b(?:tausch\w*|austausch\w*|getauscht|auszutauschen|ersetz\w*|vervang\w*|ruil\w*|omruil\w*)\b"
)
# "the pony halter should be a cob": in a thread, what stands in front was ordered by mistake.
SHOULD_BE = quick(
    r"\bbe an?\b(?= [a-z ]{2,20}\b(?:one|instead)\b)|\been (?=\w+ worden\b)|\bein(?:e|er|en|es)? (?=\w+ (?:werden|sein)\b)|\b(?:peu\w+ (?:etre|devenir)|pued\w+ ser|pu\w+ (?:essere|diventare)) un"
    r"|\b(?:should (?:be|have been)|was (?:meant|supposed) to be|devrai(?:en)?t etre|deberia(?:n)? ser|deveria(?:m)? ser|dovrebbe(?:ro)? essere|had(?:den)? moeten zijn|sollte[n]? (?:eigentlich |doch )?(?=ein|der|die|das))\b"
)
# "Can the red ball be a blue one?"
MAY_BE = quick(
    r"\b(?:can|could) (?:the|my)\b|\b(?:kann|konnte) (?:der|die|das)\b|\bkan (?:de|het|mijn)\b|\bpu?[eo]\w+ (?:le|la|el|il|lo)\b"
)
TAKES = quick(
    r"\b(?:take|have|want|need|order|like|send|schick\w*|liefer\w*|envoy\w*|remett\w*|mand\w*|envi\w*|stuur|sturen|nehm\w*|brauch\w*|bestell\w*|kauf\w*|prend\w*|voudr\w*|quier\w*|quisier\w*|quer\w*|levo|llevo|vorrei|neem|wil)\b[^.!?\n]{0,16}(?: this time| now| (?:dies(?:es)?|die)mal| jetzt| cette fois| esta vez| desta vez| questa volta| deze keer| ahora| nu)?$"
)
INSTEAD_OF = _any(
    r"\b(?:instead of|rather than|not|statt|anstatt|anstelle(?: von)?|nicht|au lieu d[eu']s?|plutot que|et non|n'est pas|ce n'est pas|sont pas|pas|no es|no son|no|non|nao|en vez de|en lugar de|em vez de|invece d\w{1,4}|al posto d\w{1,4}|in plaats van|niet|from|von|de|da|van)"
    r"(?: just| only| the| nur| den| die| le| les| los| las| i)? ?$"
)
# The verb stands behind what is taken back: "leave the teapot out", "das Teesieb bitte weglassen".
REMOVED_BEHIND = _any(
    r"\b(?:can|could|may) (?:go|be left out|come off)\b|\b(?:won'?t|don'?t) (?:need|want|require)\b",
    r"\b(?:aus|von) (?:der|meiner|unserer) (?:bestellung|liste)\b[^.!?\n]{0,20}\b(?:nehm\w*|streich\w*|losch\w*)|\bnehm\w* [^.!?\n]{1,60}\b(?:heraus|raus)\b|\bfallt weg\b|\bfallen weg\b|\b(?:kann|konnen|konnte[nt]?|soll|sollen|durfen?) (?:bitte |wieder |auch |doch |dann |jetzt )*(?:raus|heraus|wegfallen)\b(?! (?:gehen|geschickt))",
    r"\bhaal\b[^.!?\n]{1,60}\b(?:af|eraf|uit|eruit|weg)\b|\b(?:mag|mogen|kan|kunnen) (?:eraf|eruit|weg)\b|\bhoef\w*\b[^.!?\n]{1,60}\bniet\b|\blaat\b[^.!?\n]{1,60}\bweg\b",
    r"\b(?:fora|via) (?:do|da|dal|dall')|\bnon (?:mi |ci )?serv\w+ piu\b|\bnon (?:lo |la |li |le )?(?:voglio|vogliamo|vorrei) piu\b|\bnon l[oaie] (?:voglio|vogliamo|prendo|prendiamo)\b|\bnao (?:[oa]s? )(?:quero|queremos|vou|preciso)\b|\bja nao (?:quer|precis)\w+",
    r"\b(?:leave|take|knock|cross|strike) [^.!?\n]{1,60}\b(?:out|off)\b|\b(?:can be|be|please) (?:removed|cancelled|canceled|dropped|deleted)\b|\bno longer needed|\bnot needed|\bisn'?t needed|\baren'?t needed",
    r"\b(?:brauch\w*|mocht\w*|woll\w*|will|nehm\w*|hoef\w*)\b[^.!?\n]{0,20}\b(?:nicht|niet)\b",
    r"\b(?:hat|haben) sich (?:schon |inzwischen |leider |damit )*erledigt\b|\b(?:weglassen|weg|streichen|stornieren|entfernen|gestrichen|herausnehmen|rausnehmen|entfallt|entfallen|abbestellen|nicht mehr|brauche(?:n)? (?:ich|wir) nicht)\b",
    r"\bplus besoin\b|\bya no (?:quier|necesit)\w+|\bno l[oae]s? (?:quier|necesit|voy)\w*|\b(?:je )?(?:ne l(?:es|e|a) |n'en )(?:veux|voulons|prends|prendrai) pas\b|\b(?:a enlever|a supprimer|n'en (?:veux|voulons) plus|ne (?:veux|voulons|souhaite|prends)[^.!?\n]{0,60}plus)\b",
    r"\b(?:schrappen|weglaten|annuleren|verwijderen|laat [^.!?\n]{1,60} weg|niet meer nodig)\b",
    r"(?:^|[\s,])(?:no|non|nao|niet|nicht|pas)(?:,? (?:gracias|grazie|merci|danke|bedankt|obrigad[oa]|thanks?))?\W{0,9}$",
    "結構です|なし|抜き|不要|いりません|要りません|キャンセル|やめ|取り消し|外して",
)
# "please take it off": what was named before is taken back.
TAKE_IT_BACK = _any(
    r"\b(?:(?:remove|cancel|delete|forget|scrap|skip)(?: out| off)? (?:it|them|that|those|this|these|that one|this one)\b"
    r"|(?:take|leave|drop)(?: out| off)? (?:it|them|that|those|this|these|that one|this one)\b"
    # "leave it with the neighbour": where the parcel is to go.
    r"(?!,?(?: off| please)? (?:with|at|by|in|on|behind|under|near|next|outside|inside|beside|to|there|here|around|round)\b))",
    r"\b(?:streich|stornier|entfern|losch)\w*(?: sie)? (?:es|ihn|sie|diese\w*|das|den|die)\b|\b(?:es|ihn|sie|diese\w*|das|den|die|bitte)(?: bitte| wieder)? (?:streichen|stornieren|weglassen|entfernen|loschen|herausnehmen|rausnehmen)\b",
    r"\b(?:annul|enlev|supprim|retir)ez[- ]l(?:es|e|a)\b|\b(?:l(?:es|e|a) |l')(?:annuler|enlever|supprimer|retirer)\b",
    r"\b(?:quit|cancel|elimin|anul|retir|tir)\w*(?:-)?l[oae]s?\b|\b(?:toglie|annulla|cancella|elimina|leva)\w*(?:l[oaie])\b",
    r"\b(?:haal|laat|schrap|annuleer|verwijder)\w* (?:het|ze|die|deze|dat|hem|m|'m)\b(?! (?:maar |dan )?(?:achter|bij|buiten|naast|onder)\b)|\b(?:het|ze|die|deze|dat|hem) (?:er ?af halen|schrappen|annuleren|verwijderen|weglaten)\b",
)
ORDER_SAID = quick(
    r"\b(?:your|the|this) order\b|\b(?:ihre|deine|der|die) bestellung\b|\bvotre commande\b|\bs[ut] pedido\b|\b(?:a )?sua encomenda\b|\bseu pedido\b|\b(?:il )?(?:suo|vostro|tuo) ordine\b|\b(?:uw|je|jouw) bestelling\b|ご注文"
)
# "Quitad lo último": what stands last in the list is taken back.
TAKE_LAST_BACK = quick(
    r"\b(?:(?:scratch|drop|remove|cancel|delete|forget|skip|leave (?:out|off)|take off)(?: out| off)? (?:the|that) last (?:one|item|line|thing)|(?:the|that) last (?:one|item|line|thing)(?: please)? (?:can go|off|out)"
    r"|(?:das|den|die|dem) letzte\w?(?: \w+)? (?:bitte )?(?:weglassen|streichen|stornieren|loschen|rausnehmen|nicht)|streich\w*(?: sie)?(?: bitte)? (?:das|den|die) letzte\w?"
    r"|(?:enlev|supprim|annul|retir|oubli)\w+ (?:le|la) derni\w+|(?:quit|elimin|anul|cancel|borr|olvid)\w+ (?:lo|el|la) ultim[oa]|(?:tir|retir|cancel|esque)\w+ (?:o|a) ultim[oa]"
    r"|(?:togli|toglie|elimin|annull|cancell|lasci)\w* (?:pure )?(?:l'ultim[oa]|l[ao] ultim[oa])|(?:laat|haal|schrap)\w* (?:het|de) laatste\w*(?: \w+)? ?(?:weg|eraf|maar)?)\b|最後のは?(?:なし|不要|取り消し|キャンセル)"
)
AS_SUBJECT = quick(
    r"\b(?:as|see|per|like) (?:in |per )?(?:the |my )?(?:subject|title|above)\b|\bsubject (?:line )?says\b|\b(?:siehe|wie im|s\.) betreff\b|\b(?:voir|cf\.?|comme (?:dans|en)) (?:l')?(?:objet|sujet)\b|\b(?:ver|como en el|como (?:no|em)) (?:el )?assunto|\b(?:ver|como en el) (?:el )?asunto\b|\b(?:vedi|come (?:da|in)) oggetto\b|\bzie onderwerp\b|件名の通り"
)
# "two crates... no, say ten bottles": what stands before is not meant.
FALSE_START = quick(
    r"(?:\.{2,}|…|,|-)?\s*\b(?:no|non|nein|nee|nao|wait|no wait|no perdona?|no perdon|non scusa|non pardon|nein halt|nein entschuldigung|ach nein|no sorry|perdone?|sorry|ach|euh|uh|oops|scratch that|pardon|perdon|scusate|anzi|quatsch|halt|alias|ou melhor)\b(?:[,:.!]|\s+(?:wait|disons|sagen wir|say|make|besser|besser gesagt|digamos|diciamo|zeg|rather|doch|mejor|meglio|plutot))"
)
# "keep the grips": stays as it was.
STAYS = quick(
    r"\b(?:keep|keeping|leave (?:the|my) (?:rest|other)|stays?|remains?|unchanged|(?:as it|as they) (?:is|are|was|were)|behalt\w*|bleib\w*|garde[rzs]?|gardons|reste(?:nt)?|mant(?:en|ien)\w*|qued\w*|fica\w?|tenere|tenete|tengo|rest[ai](?:no)?|houd\w*|behoud\w*|blijf\w*|blijven)\b|そのまま"
)
FROM_TO = quick(
    r"\b(?:from|von|de|da|van|den) \d{1,5} (?:to|auf|a|para|naar|zu|in|op) \d{1,5}\b|\d{1,5} ?[^\d\s、。]{0,3}から ?\d{1,5}"
)
FROM_BEHIND = re.compile(r" ?[^\d\s、。]{0,3}から ?\d")
"""what stands behind an old number in Japanese: 2個から4個に"""
LESS = quick(
    r"\b(?:less|fewer|weniger|de moins|en moins|menos|di meno|in meno|minder)\b|\b(?:one|two|three|four|\d{1,4}|eins?e?[nrs]?|zwei|drei|une?|deux|trois|un[oa]?|dos|tres|due|tre|dois|duas|een|twee|drie) (?:of|der|davon|des|de|dei|delle|van) (?:the|my|our|those|die|den|d[eao]s|les|los|las)?"
)
RESTART = _any(
    r"\b(?:but|add|take|send|make|and (?:i|we|please|add|send)|i(?:'d| would) (?:like|prefer|rather)|aber|sondern|dafur|stattdessen|nehme|mais|prends|plutot|voudrais|pero|sino|mas|quiero|prefiero|quero|prefiro|ma|vorrei|preferisco|maar|wel|graag|then|ajout\w*|aggiung\w*|anad\w*|agreg\w*|adicion\w*|acrescent\w*|voeg\w*|toevoeg\w*|mett\w*|doe|pon\w*|mete\w*)\b"
)

TENTATIVE = _any(
    r"\b(?:might|maybe|perhaps|thinking (?:of|about)|consider\w*|possibly|someday|one day|(?:would|will|'ll) probably|not sure|if i|if we|unless)\b",
    r"\b(?:too (?:expensive|dear|pricey)|(?:out of|beyond|over|above|not in|bust(?:s|ing)?|blow(?:s|ing)?) (?:my|our|the) budget|zu teuer|trop ch\w+|demasiad[oa] car[oa]|muito car[oa]|troppo car\w+|te duur|out of my price range)\b",
    r"\b(?:vielleicht|wahrscheinlich|vermutlich|eventuell|evtl|uberleg\w*|irgendwann|moglicherweise|(?:nachstes|nachsten) mal|spater einmal)\b",
    r"\b(?:peut-etre|probablement|sans doute|eventuellement|la prochaine fois|plus tard)\b",
    r"\b(?:quizas?|probablemente|seguramente|tal vez|a lo mejor|la proxima vez|mas adelante)\b",
    r"\b(?:talvez|provavelmente|da proxima vez|mais tarde)\b",
    r"\b(?:forse|probabilmente|magari|la prossima volta|piu avanti)\b",
    r"\b(?:misschien|waarschijnlijk|eventueel|volgende keer|later)\b",
    "検討|かもしれ|今度|場合(?!は)|しようかと|ようか(?:な|と思)|(?:し|頼ん|買っ)たら",
)
CONDITION = quick(
    r"\s*(?:and |und |et |y |e |en |but )?(?:if|when|in case|wenn|falls|sobald|sofern|s'il (?!vous|te)|si|cuando|se|quando|als|indien|wanneer)\b"
)

# "if you still have it": a wish like any other.
IF_THERE = quick(
    r"\b(?:if (?:you(?:'ve| have) (?:still )?got|you (?:still |do )?have|available|in stock|possible|there (?:are|is))|(?:falls|wenn|sofern) (?:noch |sie |ihr |es )*(?:vorhanden|vorratig|lieferbar|verfugbar|da|haben|habt)|si (?:vous|tu) (?:l'|les |en |l[ea] )?(?:avez|as)|si (?:l[oae]s? )?(?:tienen|hay|teneis)|se (?:l'|l[oaie] |ne )?avete|se (?:tiverem|houver)|als (?:jullie|u) (?:het|die|ze|deze)? ?(?:nog )?(?:hebben|heeft))\b"
)
# "If it's not too late": asks leave, and makes no wish hang on anything.
IF_I_MAY = quick(
    r"\s*(?:and |und |et |y |e |en |but |also )?(?:if (?:possible|so|you could|you can|(?:i|we) (?:may|could|can)|you (?:don'?t|wouldn'?t) mind"
    r"|(?:it'?s|it is|that'?s|that is|i'?m|i am|we'?re|we are|there'?s|there is)(?: still)? (?:not too late|no trouble|possible|ok|okay|alright|all right|fine|in time|time))"
    r"|(?:wenn|falls|sofern)(?: (?:es|das|ihnen|euch))?(?: (?:noch|nicht))? ?(?:ja|moglich|geht|passt|klappt|recht|zu spat|keine umstande|machbar)"
    r"|si (?:oui|possible|(?:c'est|ce n'est|cela est|il est|ca) (?:encore |toujours |pas (?:trop )?)*(?:possible|temps|tard|bon|derange)|vous (?:pouvez|voulez bien)|(?:es|fuera|fuese) posible|puede ser|pueden|podeis|no es (?:tarde|molestia)|(?:aun|todavia) (?:se puede|es(?:toy|tamos) a tiempo|estais a tiempo|es posible)|(?:estoy|estais|estan|estamos) (?:aun |todavia )?a tiempo|os parece|les parece)|s'il est encore temps"
    r"|en ese caso|se (?:sim|si|(?:e |fosse |for |ainda for )?(?:possibile|possivel|a tempo)|(?:siete|siamo|sono|faccio|faccio ancora) (?:ancora )?in tempo|potete|puo|riuscite|puderem|non e (?:troppo )?tardi|nao for (?:tarde|incomodo))\b"
    r"|zo ja|indien mogelijk|als (?:het|dat) (?:nog )?(?:kan|lukt|mogelijk|niet te laat|uitkomt))"
)
CORRECTION = _any(
    r"\b(?:actually|make (?:it|that|them)|instead|change|sorry|i meant?|correction|rather|no wait|wait|increase|reduce|raise|lower|bump|top up|update|up to|down to|scratch that)\b",
    r"\b(?:doch|besser|lieber|korrektur|stattdessen|statt|ander\w{1,4}|erhoh\w*|aufstock\w*|reduzier\w*|quatsch|moment|sondern|da?raus)\b",
    r"\b(?:plutot|finalement|en fait|au lieu|a la place|prefer\w+|correction|modifi\w*|chang\w*|pardon|augment\w*|pass(?:er|ez))\b",
    r"\b(?:mejor|en realidad|perdon|prefier\w+|preferiria\w*|corrijo|cambi\w*|en vez|en lugar|finalmente|al final)\b",
    r"\b(?:afinal|na verdade|melhor|alter\w*|em vez|desculp\w*|mud\w+)\b",
    r"\b(?:anzi|portate|passate|meglio|al posto|preferi\w+|diventa(?:no)?|in realta|invece|modific\w*|scusate|alla fine)\b",
    r"\b(?:toch|eigenlijk|liever|wijzig\w*|maak er|in plaats|verander\w*)\b",
    "変更|やっぱり|訂正|にしてください",
)
ADDITION = _any(
    r"\b(?:also|another|more|plus|additional\w*|as well|too|extra|add|noch|ausserdem|zusatzlich|auch|dazu|weitere\w*|hinzu\w*|aussi|encore|en plus|r?ajout\w*|egalement|de plus|tambien|ademas|otr[oa]s?|anad\w*|agreg\w*|tambem|mais|mas(?=\s*(?:[.,;?)]|$|y |de |por favor))|outr[oa]s?|anche|ancora|inoltre|dimenticavo|dimenticato|forgot|oublie|olvidaba|esqueci|vergat|altr[oaie]|aggiung\w*|ook|nog|erbij|extra)\b",
    "追加|それと|あと|もう",
)
MORE = re.compile(
    r"\b(?:more|another|additional|weitere[nrsm]?|mehr|zusatzlich\w*|de plus|en plus|adicional\w*|in piu|di piu|erbij|a second|eine?n? zweite\w*|une? (?:deuxieme|second)|una? segund[oa]|uma? segund[oa]|una? second[oa]|een tweede|third|fourth|fifth|deuxieme|troisieme|quatrieme|dritte[nrs]?|vierte[nrs]?|tercer[ao]?|terz[ao]|derde|vierde|terceir[ao]|mas(?=\s*(?:[.,;?)]|$|y |de |por |para ))|a mais)\b|追加"
)
RECAP = _any(
    r"\b(?:so that'?s|in total|altogether|total(?:ling)?|in summary|to summari[sz]e|insgesamt|zusammen|also insgesamt|au total|en tout|en total|no total|in totale|totaal|samen)\b",
    "合計|全部で",
)

PAID = _any(
    r"\bremittance (?:advice|details)|\bpayment (?:for|of|made)\b[^.!?\n]{0,60}\b(?:sent|made|done|today|by (?:bacs|bank|transfer|card|cheque))|\bour payment made\b|\b(?:just|already|now) paid\b|\bzahlungsavis|\bavis de (?:paiement|virement)|\baviso de pago|\bavviso di pagamento|\bbetalingsspecificatie|\buberweisung\b[^.!?\n]{0,40}\b(?:raus|unterwegs|veranlasst|getatigt)",
    r"\b(?:i|we)(?: have |'ve | just | have just | already |'ve just |'ve already )+(?:paid)|(?:^|[\n.!?,] ?|\b)(?:just|i|we) (?:have |'ve |just |have just |already )*(?:paid|transferred|wired|sent the (?:money|payment))\b|\bsent (?:you |over )?(?:the |my )?[£$€]\s?\d|\bsent (?:you |over |the |my )*\d[\d.,]* ?(?:£|\$|€|eur|euros?|pounds|dollars|usd|gbp)\b|\bsent (?:[^.!?\n]{0,20} )?(?:by|via|through|with) paypal\b|\bpayment (?:was |has been |is )?(?:made|sent|done|completed|received)\b|\bproof of payment\b|\bpaid (?:the|my|your|invoice|order|via|by|£|\$|€)|\bbank transfer (?:was|has been|is) (?:made|sent|done)|\btransfer (?:was|has been) (?:made|sent)",
    r"\b(?:uberwiesen|uberweisung (?:ist|wurde|habe)|bezahlt habe|hab(?:e|en)?\b[^.!?\n]{0,60}(?:bezahlt|uberwiesen)|zahlung (?:ist|wurde|erfolgt)|zahlungsbeleg|gezahlt)\b",
    r"\b(?:j'ai (?:effectue|fait|bien effectue|paye|regle|vire)|virement (?:a ete|est|effectue)|paiement (?:a ete|est|effectue)|fait le virement|virement (?:fait|parti)|viens de (?:payer|regler|virer|faire le virement)|avons regle)\b",
    r"\b(?:(?:esta|queda|ha sido) (?:ya )?pagad[oa]|he (?:pagado|hecho (?:el|la) (?:pago|transferencia)|realizado (?:el|la) (?:pago|transferencia)|transferido)|pago (?:realizado|hecho)|transferencia (?:realizada|hecha)|acabo de pagar|comprobante)\b",
    r"\b(?:paguei|acabei de pagar|ja pag\w+|(?:esta|foi) (?:ja )?pag[oa]|(?:fiz|efetuei|realizei) (?:o|a) (?:pagamento|transferencia)|pagamento (?:feito|efetuado)|comprovativo|comprovante)\b",
    r"\b(?:ho (?:appena |gia )?(?:pagato|effettuato (?:il|l[ao']) ?(?:pagamento|bonifico)|fatto (?:il|un) (?:pagamento|bonifico))|bonifico (?:effettuato|e stato)|pagamento effettuato)\b",
    r"\b(?:heb[^.!?\n]{0,60}(?:betaald|overgemaakt)|betaling is (?:gedaan|verricht)|overgemaakt)\b",
    r"\b(?:have|has|'ve|i|we|just|already|today|yesterday)\b[^.!?\n]{0,30}\b(?:made|done|sent|completed|initiated|arranged|set up|put through|transferred|wired)\b[^.!?\n]{0,30}\b(?:bank transfer|wire|transfer|payment)\b"
    r"|\b(?:hab\w*|eben|soeben|gerade|heute|gestern)\b[^.!?\n]{0,90}\b(?:uberweisung|uberwiesen|zahlung|betrag|geld)\b[^.!?\n]{0,30}\b(?:los|ab)?(?:geschickt|gesendet|gemacht|getatigt|ausgefuhrt|angewiesen|veranlasst|beauftragt|gegeben)\b"
    r"|\b(?:ai|avons|viens de|venons de) (?:\w+ ){0,3}(?:fait|faire|effectue\w*|envoye\w*|emis|emettre|execute\w*|ordonne\w*) (?:\w+ ){0,3}(?:virement|reglement|paiement)\b"
    r"|\b(?:he|hemos|acabo de|acabamos de|hice|hicimos|realice|realizamos) (?:\w+ ){0,3}(?:hecho|hacer|realizado|realizar|enviado|efectuado|ordenado )?(?:\w+ ){0,3}(?:transferencia|pago|ingreso|bizum)\b"
    r"|\b(?:fiz|fizemos|efetuei|efetuamos|realizei|enviei|acabei de (?:fazer|efetuar)) (?:\w+ ){0,4}(?:transferencia|pagamento|deposito|pix)\b"
    r"|\b(?:ho|abbiamo) (?:\w+ ){0,3}(?:effettuato|fatto|eseguito|disposto|inviato|mandato) (?:\w+ ){0,4}(?:bonifico|pagamento|versamento)\b"
    r"|\b(?:heb|hebben) (?:\w+ ){0,6}(?:overschrijving|betaling|overboeking|bedrag) (?:\w+ ){0,4}(?:gedaan|verricht|uitgevoerd|gestuurd|verstuurd)\b",
    "振り込み(?:ました|致しました|いたしました|済み)|お?振込み?(?:を|が)?(?:しました|いたしました|致しました|完了|済み)|送金しました|決済しました",
    "振り込みました|振込みました|振込が完了|支払いました|入金しました|お支払いし",
)
# "Nous serons 12 à table": how many people are, not how many are wanted.
BE_MANY = quick(
    r"\b(?:we are|we're|we(?:'ll| will) be|there (?:are|will be)|wir sind|wir werden|es kommen|nous sommes|nous serons|on (?:est|sera)|il y aura|somos|seremos|habra|siamo|saremo|we zijn(?: met)?|we worden|er komen)(?: about| around| etwa| rund| environ| unos| circa| ongeveer)? $"
)
_LONG_AGO = quick(
    r"\b(?:last year|years ago|elsewhere|other shops?|another shop|used to|in the past|letztes jahr|voriges jahr|anderswo|woanders|fruher|l'an(?:nee)? dernier\w*|ailleurs|autrefois|el ano pasado|en otr[ao] (?:tienda|sitio)"
    r"|no ano passado|noutr[ao] loja|em outr[ao] loja|l'anno scorso|altrove|vorig jaar|elders|ergens anders)\b|去年"
)


def paid(low: str) -> bool:
    """Whether a folded text tells of a payment to us: what was paid last year or elsewhere is only told."""
    for match in PAID.finditer(low):
        before = re.split(r"[.!?\n]", low[max(0, match.start() - 120) : match.start()])[-1]
        behind = re.split(r"[!?\n]|\. ", low[match.end() : match.end() + 120])[0]
        if not _LONG_AGO.search(f"{before} {match[0]} {behind}"):
            return True
    return False


# What is wanted is a paper or a picture, not the goods that it is about.
DOCUMENT = quick(
    r"\b(?:send|resend|email|e-mail|forward|need|want|like|have|get|schick\w*|send\w*|brauch\w*|envo\w*|envi\w*|mand\w*|inviat\w*|stuur\w*|sturen)\b[^.!?\n]{0,32}?"
    r"\b(?:invoice|receipt|copy(?! paper)|tracking|catalogue|catalog|price list|samples?|photos?|pictures?|details|information|info|manual|instructions|data ?sheet|refund|rechnung|quittung|katalog|preisliste|muster|fotos?|bilder|infos?"
    r"|facture|recu|catalogue|echantillons?|factura|recibo|muestras?|fatura|amostras?|fattura|ricevuta|campion[ei]|factuur|stalen|monsters)\b(?! card)"
)
DISPUTE = quick(
    r"\b(?:did not|didn'?t|never|have not|haven'?t) order|\bunauthori[sz]ed\b|\bfraud|\bused my (?:card|account)|\bnie bestellt|\b(?:nichts|nicht) bestellt|\bbetrug|\bn'ai (?:rien|pas|jamais) commande|\bno he (?:pedido|comprado)|\bnao (?:encomendei|comprei)|\bnon ho (?:ordinato|comprato)|\bniet besteld"
)
PLEASE = quick(
    r"\b(?:please|pls|plz|me|us|bitte|mir|uns|svp|s'il|nous|me|por favor|porfa|porfi|nos|per favore|mi|ci|graag|alsjeblieft|alstublieft|aub)\b|ください|お願い"
)
# "… but I'd rather have the pine one": what is liked better takes the place of the like of it named before.
LIKED_BETTER = quick(
    r"\b(?:rather (?:have|take|get|go|order|buy)|(?:i|we|'d|would) prefer|(?:doch|dann) (?:bitte )?(?:eher|lieber)|lieber (?:doch|den|die|das|ein\w{0,2})|(?:je|nous) prefer\w+|plutot (?:le|la|les|un|une)|prefier[oe]\w*|preferi(?:ria|rei|sco|mos|amo)\w*|mejor (?:el|la|los|las|un|una)|melhor (?:o|a|um|uma)|prefiro|meglio (?:il|lo|la|un|una)|(?:toch|dan) (?:maar )?(?:liever|maar)|liever (?:de|het|een))\b"
)
MEANT = quick(
    r"\b(?:meant?|rather|meinte|gemeint|lieber|voulais dire|plutot|queria decir|quise decir|mejor|queria dizer|intendevo|volevo dire|meglio|bedoel\w*|liever)\b"
)
BEGGING = quick(
    r"\b(?:xfa|x favor|please|pls|plz|bitte|s'il (?:vous|te) plait|svp|stp|por favor|porfa|porfi|per favore|per cortesia|graag|alsjeblieft|alstublieft|aub)\b"
)
COPULA = quick(
    r"\b(?:is|are|was|were|looks?|ist|sind|war|est|sont|etait|es|son|era|(?<=\w )e|sao|sono|zijn|works?)\b"
)
WANTING = quick(
    r"^\W*(?:want|need|like|take|send|add|nehme|will|brauche|veux|voudrais|prends|quiero|necesito|quero|preciso|vorrei|voglio|prendo|wil)\b"
)
PROVIDER = quick(
    r"\b(?:sent you a payment|you(?:'ve| have)? received a payment|payment received from|sie haben eine zahlung erhalten|vous avez recu un paiement|has recibido un pago|hai ricevuto un pagamento|je hebt een betaling ontvangen|recebeu um pagamento)\b"
)
RETURN = _any(
    r"\b(?:broken|damaged|faulty|defective|cracked|wrong)\b[^.!?\n]{0,60}\b(?:send|have|get) (?:me |us )?(?:a )?(?:new|another|replacement)",
    r"\b(?:send (?:it|them|this|these|[a-z ]{1,30}) back|return(?:ing)? (?:it|them|this|these|the|my|a|one|two|an|both)|to return|refund|money back|exchange (?:it|them|the|my|this)|rma|replacements?(?! (?:lid|part|filter))|return label)\b",
    r"\b(?:zuruck(?:schicken|senden|geben)|zuruckzuschicken|zuruckzusenden|rucksendung|retour\w*|umtausch\w*|umzutauschen|reklam\w*|geld zuruck|erstatt\w*|widerruf\w*|ersatz (?:fur|bekommen))\b",
    r"\b(?:retourn\w*|renvoyer|rembours\w*|echang\w*|retour)\b",
    r"\b(?:devolver|devolucion|reembols\w*|cambiarl[oa]|devuel\w*)\b",
    r"\b(?:devolver|devolucao|reembols\w*|trocar)\b",
    r"\b(?:restitui\w*|reso|rimbors\w*|rendere|sostituzione)\b",
    r"\b(?:retour\w*|terugsturen|terug te sturen|geld terug|stuur\w* [^.!?\n]{1,20} ?terug|terugbetal\w*|terugstort\w*|ruilen|omruilen)\b",
    "返品|返金|交換",
)
# "the same number of", "gleiche Menge": the amount of the product before.
SAME_NUMBER = quick(
    r"\b(?:same (?:number|quantity|amount|qty)|(?:number|quantity|amount) stays|(?:anzahl|menge|stuckzahl) bleibt|(?:cantidad|quantite|quantidade|quantita) (?:no cambia|inchangee|igual|uguale|invariata)|aantal blijft|(?:gleiche|selbe)n? (?:menge|anzahl|stuckzahl)|genauso ?viele?|ebenso ?viele?|meme (?:quantite|nombre)|autant|misma cantidad"
    r"|mism[oa] numero|mesma quantidade|mesmo numero|stess[ao] (?:quantita|numero)|altrettant[ei]|zelfde (?:aantal|hoeveelheid)|evenveel|(?:otr[oa]s|outr[oa]s) tant[oa]s|half as many|halb so viele?|moitie moins d\w*|la mitad de|(?:a|uma) metade d\w*|la meta d\w*|half zoveel|twice as many|doppelt so viele?|deux fois plus d\w*|el doble de|o dobro d\w*|il doppio d\w*|twee ?keer zo ?veel)\b|同じ数|同数"
)
# "the same in green", "denselben in 40 cm": what was named last, in another size or colour.
SAME_THING = quick(
    r"\b(?:same again|the (?:very )?same(?: ones?| thing| model| type| again)?|(?:de[nrms]|die|das)selben?|(?:de[nrms]|d[ai]e?s?) gleichen?|gleiche[nrs]?|l[ea]s? memes?|l[ao]s? mism[oa]s?|(?:otr[oa]s? )?igual(?:es)?"
    r"|[oa]s? mesm[oa]s?|l[oa] stess[oa]|(?:gli|le) stess[ie]|d?ezelfde|hetzelfde|identi\w+)\b[^.!?\n\d]{0,24}$|同じ(?:もの|物|の)?[^。]{0,3}$"
)
PART_OF_NUMBER = quick(
    r"\b(?:(?P<half>half|halb|moitie|mitad|metade|meta)|(?P<twice>twice|doppelt|deux fois|doble|dobro|doppio|keer))\b"
)
SPAM = _any(
    r"\b(?:seo|backlinks?|first page of google|rank(?:ing)? (?:your|on)|guest post|crypto(?:currency)?|bitcoin|casino|lottery|jackpot|viagra|loan offer|investment opportunity|click here|limited offer|act now|wire you|million (?:usd|dollars|euro)|inheritance|boost your (?:traffic|sales)|web ?design services|lead generation|increase your (?:traffic|sales)|unclaimed|you have won|prince|forex|dear (?:site|website|business) owner|100% free|work from home|weight loss)\b"
)
NOT_GOODS = frozenset(
    "order question questions invoice receipt reply answer quote quotation card note message discount voucher code coupon gift present surprise bag"
    " favour favor look parcel parcels package delivery address copy confirmation email mail call phone day week month year moment time times weekend"
    " evening birthday wedding anniversary party office shop store friend colleague mum mom dad mother father sister brother wife husband daughter son"
    " customer account list catalogue catalog price prices info information update problem issue link payment bank transfer card way lot bit couple few"
    " changes corrections updates tweaks anderungen korrekturen wunsche modifications changements cambios correcciones modifiche cambiamenti correzioni wijzigingen alteracoes mudancas"
    " groups classes gruppen klassen groupes grupos gruppi groepen klassen"
    " orders parcel parcels bestellungen pakete commandes pedidos encomendas ordini bestellingen"
    " employees employee staff nephews nephew nieces niece grandchildren grandkids boys girls adults neighbours neighbors members participants chairs tables love help advice luck patience"
    " mitarbeiter mitarbeiterinnen neffen nichten enkel enkelkinder erwachsene mitglieder teilnehmer nachbarn hunde katzen liebe hilfe gluck geduld"
    " employes salaries neveux nieces adultes membres participants voisins aide empleados sobrinos sobrinas nietos adultos vecinos ayuda suerte"
    " dipendenti nipoti adulti soci aiuto medewerkers collega's neefjes nichtjes volwassenen leden hulp"
    " abteilung department service departamento reparto afdeling liefertermin termin lieferdatum datum date fecha data kw boxes lieferschein lieferscheine albaran albaranes bolla bolle slip note notes pakbon"
    " escritorio oficina despacho bureau buro kantoor ufficio home casa maison haus huis"
    " place places lieu stelle plaats vez lugar posto stead"
    " cheque check form deposit stamp postage"
    " idea hand hurry total sum pounds euros dollars thing things something anything everything item items one ones piece pieces product products"
    " set ribbon signature reference references cv resume sample samples offer offers voucher vale buono bon tegoedbon gutschein volte veces vezes keer teillieferung audit follower followers backlinks interview pupil pupils"
    " bestellung frage fragen rechnung antwort angebot nachricht gutschein rabatt geschenk paket lieferung adresse kopie bestatigung tag woche monat"
    " jahr moment mal wochenende abend geburtstag freund freundin kollegin kollege mutter vater schwester bruder frau mann tochter sohn kunde konto"
    " preisliste katalog info problem link zahlung stuck artikel produkt produkte teile dank gruss ding dinge paar bisschen karte versand"
    " commande question questions facture reponse devis message cadeau colis livraison adresse copie confirmation jour journee semaine mois fois"
    " moment anniversaire amie ami collegue mere pere soeur frere client compte catalogue prix renseignement probleme lien paiement virement produits"
    " produit articles article emballage facon bonne belle soiree remise carte mot"
    " pedido pregunta consulta factura respuesta presupuesto mensaje regalo paquete envio direccion copia confirmacion dia semana mes vez momento"
    " cumpleanos amiga amigo madre padre hermana hermano cliente cuenta catalogo precio problema pago transferencia producto productos articulos saludo tarde"
    " encomenda pergunta fatura resposta orcamento mensagem presente prenda morada entrega copia confirmacao dia semana mes vez duvida catalogo preco problema"
    " abraco produtos tarde noite cartao"
    " ordine domanda fattura risposta preventivo messaggio regalo pacco spedizione indirizzo conferma giorno settimana mese volta compleanno amica amico"
    " catalogo prezzo problema bonifico pagamento prodotti prodotto saluto serata confezione biglietto informazione"
    " bestelling vraag factuur antwoord offerte bericht cadeau pakket levering adres kopie bevestiging dag week maand keer moment verjaardag vriendin vriend"
    " catalogus prijs probleem betaling producten artikelen groet fijne kaartje"
    " street road avenue lane apartment flat floor house".split()
)
GREETING = quick(
    r"\s*(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten (?:tag|morgen|abend)|moin|servus|gruss gott|liebe\w?|sehr geehrte\w?|bonjour|bonsoir|salut|chere?s?|hola|buen[oa]s(?: dias| tardes| noches)?"
    r"|estimad\w+|ola|bom dia|boa (?:tarde|noite)|oi|prezad\w+|caro|cara|buongiorno|buonasera|salve|ciao|gentil\w+|goedendag|goedemorgen|goedemiddag|beste|geachte|dag|こんにちは|お世話になります)\b"
)
CLOSING = quick(
    r"\s*(?:(?:merci|danke|gracias|grazie|thanks|thank you)? ?(?:et |und |y |e |and )?(?:(?:tres )?(?:bonne|belle|excellente) (?:journee|soiree|semaine|continuation|apres-midi|fin de)|bon (?:week-?end|apres-midi|dimanche)|(?:einen? |noch )*schone[nrs]? (?:tag|abend|woche|wochenende|sonntag|feierabend)|(?:have an?|enjoy (?:your|the)) (?:\w+ )?(?:day|evening|weekend|week)\b|buona (?:giornata|serata)|buon (?:fine settimana|weekend|lavoro)|fijne (?:dag|avond)|fijn weekend|feliz (?:dia|tarde|fin)|que teng\w+ |bom fim de semana)|(?:(?:many|kind|kindest|best|warm|warmest|with|all|my|and) )*(?:regards|wishes|thanks|thank you|cheers|sincerely|yours)\b|thx|ta\b|best$|love$|mit (?:freundlichen|besten|lieben)|freundliche|viele(?:n)? (?:grusse|dank)|liebe grusse|beste grusse|schone grusse|gruss|grusse|lg|mfg|vg|danke|besten dank|herzlich"
    r"|cordialement|bien a vous|merci|amicalement|sinceres|bien cordialement|saludos|gracias|un saludo|atentamente|cordiales|obrigad[oa]|cumprimentos|atenciosamente|com os melhores|abracos?|um abraco|grazie|cordiali|saluti|distinti"
    r"|un saluto|met vriendelijke|groet\w*|vriendelijke|bedankt|dank|mvg|hartelijke|よろしく|敬具)"
)
