"""What the customers of the demo store wrote: a pottery and tea shop's week, in the order it happened.

Each `Mail` says how long ago it came, from whom and what; `Scene.then` names what the desk did with it (see demo.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

SHOP = "orders@fernandkiln.shop"
HELP = "help@fernandkiln.shop"


@dataclass(frozen=True)
class Scene:
    """One mail and what followed. `hours` before now; `then` is a list of (verb, *words) that demo.py knows."""

    hours: float
    name: str
    email: str
    subject: str
    text: str
    html: str = ""
    to: str = SHOP
    files: tuple[tuple[str, str, bytes], ...] = ()
    then: tuple[tuple[str, ...], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    key: str = ""
    answers: str = ""
    """key of the scene whose conversation this mail continues"""


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc0000001649444154789c63fcf9e70f036ec08447"
    "6e244b030001ce02f2a1b5b1fd0000000049454e44ae426082"
)

SCENES: tuple[Scene, ...] = (
    Scene(
        170,
        "Oluwaseun Adébáyọ̀",
        "seun.adebayo@lagosmail.example",
        "Thank you! And the address",
        "Hello,\n\nthe bowls arrived whole, thank you so much. My mother cried a little.\n\nFor the next order, please use the office:\n"
        "14 Marina Road\nLagos Island\n\nBest,\nSeun",
        then=(
            ("assign", "Priya"),
            (
                "reply",
                "Priya",
                "Dear Seun,\n\nthat is the loveliest mail of the week. I have noted the office address for the next time.\n\nWarm wishes,\nPriya",
                "close",
            ),
        ),
    ),
    Scene(
        150,
        "Kiln Weekly",
        "news@kilnweekly.example",
        "Glaze of the month: tenmoku",
        "This month: tenmoku, from rust to oil spot. Read on the web.\n\nYou get this because you subscribed.",
        headers={
            "List-Id": "<news.kilnweekly.example>",
            "Precedence": "bulk",
            "List-Unsubscribe": "<https://kilnweekly.example/u>",
        },
        then=(("close", "Jonas"),),
    ),
    Scene(
        140,
        "Crypto Gains Daily",
        "win@gains4u.example",
        "You have been selected!!!",
        "Dear lucky winner, double your coins today, click fast: http://gains4u.example/x",
        then=(("spam", "Jonas"),),
    ),
    Scene(
        120,
        "Jean-Baptiste Delacroix",
        "jb.delacroix@courriel.example",
        "Théière arrivée fêlée",
        "Bonjour,\n\nla théière est arrivée hier, mais le bec est fêlé (voir les photos). Le colis était pourtant intact.\n\n"
        "Pouvez-vous m’en envoyer une autre ? C’est un cadeau pour le 28.\n\nCordialement,\nJean-Baptiste Delacroix\n12, rue des Lilas\n69003 Lyon",
        files=(
            ("bec-1.png", "image/png", PNG),
            ("bec-2.png", "image/png", PNG + b"2"),
            ("facture.pdf", "application/pdf", b"%PDF-1.4 demo"),
        ),
        key="theiere",
        then=(
            ("assign", "Priya"),
            ("tag", "Priya", "damaged, gift"),
            (
                "reply",
                "Priya",
                "Bonjour Monsieur Delacroix,\n\nje suis désolée pour la théière. Une nouvelle part aujourd’hui, vous l’aurez avant le 28. "
                "Pouvez-vous garder les morceaux jusqu’à vendredi ?\n\nBien à vous,\nPriya Nair",
                "wait",
            ),
        ),
    ),
    Scene(
        100,
        "Grzegorz Brzęczyszczykiewicz",
        "g.brzeczyszczykiewicz@poczta.example",
        "Gift wrap for my last order",
        "Hello, could the mugs be gift-wrapped? A small card with “Sto lat, Basiu!” would be lovely.\n\nGrzegorz",
        then=(("assign", "Mia"), ("snooze", "Mia", "40")),
    ),
    Scene(
        96,
        "Lukas Großmann",
        "lukas.grossmann@post.example",
        "Zahlung doppelt überwiesen",
        "Guten Tag,\n\nich habe leider zweimal überwiesen, am 14. und am 15.11., jeweils 29,90 €.\nKönnen Sie mir eine Zahlung zurückschicken?\n\n"
        "Mit freundlichen Grüßen\nLukas Großmann\n\n-- \nGroßmann & Söhne Tischlerei\nTel. 040 555 0182",
        key="doppelt",
        then=(
            ("assign", "Jonas"),
            (
                "note",
                "Jonas",
                "Both payments are on the statement of the 16th. The second one goes back; Tom has the bank open tomorrow morning.",
            ),
            (
                "escalate",
                "Jonas",
                "manager",
                "Two transfers of €29.90 for one order; a refund by bank needs a manager.",
            ),
        ),
    ),
    Scene(
        75,
        "Żaneta Wiśniewska",
        "zaneta@wisniewska.example",
        "Can you make it 3?",
        "Dzień dobry / good morning,\n\nplease make it 3 of the celadon bowls instead of 2. Same address.\n\nThank you,\nŻaneta",
        key="zaneta",
        then=(
            ("assign", "Jonas"),
            (
                "reply",
                "Jonas",
                "Good morning Żaneta,\n\nthree large celadon bowls it is. They are £34.00 each, so £102.00 with the shipping "
                "you already have. Shall I send the new total?\n\nJonas",
                "wait",
            ),
        ),
    ),
    Scene(
        52,
        "Żaneta Wiśniewska",
        "zaneta@wisniewska.example",
        "Re: Can you make it 3?",
        "Yes please! And is there a lid for the big one?\n\nŻaneta\n\nOn Wed, Jonas Weber wrote:\n> three large celadon bowls it is. They are £34.00 each,\n> so £102.00 with the shipping you already have.",
        answers="zaneta",
    ),
    Scene(
        50,
        "Bernardo Ortiz",
        "b.ortiz@correo.example",
        "Pedido: dos tazas azules",
        "Hola,\n\nme gustaría pedir dos tazas azules y una tetera pequeña.\nEnvío a: Calle Mayor 8, 3º B, 28013 Madrid.\n\nGracias,\nBernardo Ortiz",
        key="ortiz",
        then=(
            ("assign", "Mia"),
            (
                "reply",
                "Mia",
                "Hola Bernardo,\n\n¡gracias por el pedido! Las dos tazas y la tetera pequeña están en casa. "
                "¿Le parece bien el envío de mañana?\n\nMia",
                "wait",
            ),
            ("bounce", "b.ortiz@correo.example", "5.2.2", "mailbox full"),
        ),
    ),
    Scene(
        29,
        "Käthe Brüggemann-Österreicher",
        "kaethe.brueggemann@oesterreich.example",
        "Wo bleibt mein Paket? Sendungsnummer zeigt seit Freitag nichts",
        "Liebes Team,\n\ndas Paket sollte am Samstag kommen. Die Sendungsverfolgung zeigt seit Freitag nichts Neues.\n"
        "Ist es verloren? Es ist ein Geburtstagsgeschenk.\n\nHerzliche Grüße aus Graz\nKäthe Brüggemann-Österreicher",
        then=(("assign", "Jonas"),),
    ),
    Scene(
        26.4,
        "Tess & Co. Interiors",
        "buying@tessandco.example",
        "Trade account: price list for 2027?",
        "Hi both,\n\ncould we get the trade price list for 2027? We would like 48 of the small cups for a restaurant in Bath.\n\nTess",
        html="<div style='font-family:Georgia'><p>Hi both,</p><p>could we get the <b>trade price list</b> for 2027? We would like <u>48 of the small cups</u> for a restaurant in Bath.</p>"
        "<table border=1><tr><th>Item</th><th>Pieces</th></tr><tr><td>Small cup, white</td><td>24</td></tr><tr><td>Small cup, celadon</td><td>24</td></tr></table>"
        "<p>Tess</p><img src='https://tessandco.example/logo.png' width=120 height=40 alt='Tess &amp; Co.'><img src='https://track.example/p.gif' width=1 height=1></div>",
        to=HELP,
        then=(("tag", "Mia", "trade"),),
    ),
    Scene(
        23.2,
        "佐藤 美咲",
        "misaki.sato@yubin.example",
        "青いマグカップを2つお願いします",
        "はじめまして。\n\n青いマグカップを2つお願いします。送り先は京都です。\n\n〒604-8005\n京都市中京区河原町通三条下る\n佐藤 美咲\n\nよろしくお願いいたします。",
    ),
    Scene(
        22.3,
        "Ann-Kathrin Lee",
        "ann.lee@gmail.example",
        "Two mugs, please",
        "Hi,\n\ncould I have two of the cobalt mugs? I pay by card.\n\nAnn",
        key="ann",
        then=(
            ("assign", "Mia"),
            (
                "reply",
                "Mia",
                "Hi Ann,\n\nthanks for your order! The two cobalt mugs come to £19.50 with shipping. "
                "We hold both for you until Friday 17:00.\n\nMia",
                "wait",
            ),
        ),
    ),
    Scene(
        21.2,
        "Ann-Kathrin Lee",
        "ann.lee@gmail.example",
        "Re: Two mugs, please",
        "Hi Mia, sorry, I would like to change it. Please make it 2 x blue mug, a teapot and three bags of the sencha if you still have it.\n\n"
        "Could you send it to my sister instead: 12 High Street, Leeds. It is her birthday on the 28th, so it would be lovely if it was there by then.\n\n"
        "Thanks so much,\nAnn\n\nOn Fri, 20 Nov 2026, Fern & Kiln wrote:\n> Hi Ann,\n>\n> thanks for your order! The two cobalt mugs come to £19.50 with shipping.\n> We hold both for you until Friday 17:00.",
        answers="ann",
        then=(
            (
                "note",
                "Priya",
                "Two sencha on the shelf, twelve on Thursday. One parcel on Friday still arrives in time.",
            ),
        ),
    ),
    Scene(
        12,
        "Maximilian von Hohenstein-Waldburg",
        "mvhw@hohenstein-waldburg.example",
        "Rechnung mit abweichender Anschrift, bitte",
        "Sehr geehrte Damen und Herren,\n\nbitte stellen Sie die Rechnung auf die Kanzlei aus:\nHohenstein-Waldburg & Partner\nMaximilianstraße 9\n80539 München\n\nHochachtungsvoll\nMaximilian von Hohenstein-Waldburg",
        files=(("Handelsregister.pdf", "application/pdf", b"%PDF-1.4 demo register"),),
        to=HELP,
    ),
    Scene(
        9,
        "Priyanka Venkataraghavan",
        "priyanka.v@brightdesk.example",
        "Order for our office: 24 mugs, mixed colours",
        "Hello Fern & Kiln,\n\nwe would like 24 mugs for the office, mixed colours, please as many blue ones as you have.\n\n"
        "* 12 x blue\n* 6 x white\n* 6 x surprise us\n\nDelivery to 5th floor, 88 Wood Street, London EC2V 7QF. Invoice to accounts@brightdesk.example.\n\nThanks!\nPriyanka",
        then=(("tag", "Priya", "office, large order"),),
    ),
    Scene(
        7.5,
        "Siobhán O’Rourke",
        "siobhan@orourke.example",
        "Is the celadon bowl dishwasher safe?",
        "Hello! Is the celadon bowl dishwasher safe? And would it survive a microwave?\n\nThanks, Siobhán",
    ),
    Scene(
        5,
        "Marek Novák",
        "marek.novak@posta.example",
        "Card details for the order",
        "Hello,\n\nplease just charge my card, number 4242 4242 4242 4242, valid until 04/28.\n\nMarek",
    ),
    Scene(
        4.5,
        "Holly Bright",
        "holly@brightandbold.example",
        "Automatic reply: Two mugs",
        "I am out of the office until Monday and will read your mail then.\n\nHolly",
        headers={"Auto-Submitted": "auto-replied"},
    ),
    Scene(
        3.1,
        "Theodora Papadopoulou-Christodoulou",
        "theodora@papadopoulou.example",
        "Fwd: wedding list",
        "Καλημέρα, my cousin sent me this. Can you do it by May?\n\n---------- Forwarded message ----------\nFrom: Eleni <eleni@example.example>\nSubject: wedding list\n\n"
        "- 12 dinner plates\n- 12 soup bowls\n- 2 serving bowls, the large celadon ones\n\nFilakia",
    ),
    Scene(
        1.2,
        "Ewan McAllister",
        "ewan@mcallister.example",
        "Re: Two mugs, please",
        "Hi, my partner Ann asked me to add one more mug to her order. Is that still possible?\n\nEwan",
        key="ewan",
        answers="ann",
    ),
    Scene(
        0.4,
        "Aoife Ní Dhomhnaill",
        "aoife@nidhomhnaill.example",
        "Teapot lid broke, sold singly?",
        "Hi there,\n\nmy teapot lid had an accident with the cat. Do you sell the lids alone? It is the 0.6 l one, white.\n\nGo raibh maith agat,\nAoife",
    ),
)

ANSWERS = (
    "Wonderful, thank you for the quick answer! That works for me.\n\n{name}",
    "Thank you! One more thing: could you leave the parcel with the neighbour?\n\n{name}",
    "Perfect, I will pay today.\n\nBest wishes,\n{name}",
    "Thanks. Is there any way to have it before the weekend?\n\n{name}",
)
"""what the simulated customers of the demo answer, in turn"""
