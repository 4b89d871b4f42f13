"""A quote in words, from its content alone: the same version reads the same for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from checkout_desk import money
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.orders import references
from checkout_desk.orders.quote_content import Change

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "discount": "Discount", "shipping": "Shipping", "included": "of which {name}", "added": "plus {name}",
        "total": "Total", "reverse": "Reverse charge: the tax is owed by the recipient", "goods": "Goods",
        "bank": "Bank transfer to {holder}, IBAN {iban}{bic}, with the reference {reference}",
        "page": "{name}: on your order page", "other": "{name}", "days": "{days} business days", "day": "1 business day",
        "reference": "With the reference {reference}", "untaxed": "Export, no tax is charged",
        "free": "Nothing is to be paid: accept the quote on your order page, or answer this mail",
        "come": "Already paid", "left": "Left to pay",
        "settled": "It is paid already: accept the quote on your order page, or answer this mail",
    },
    "de": {
        "discount": "Rabatt", "shipping": "Versand", "included": "darin {name}", "added": "zuzüglich {name}",
        "total": "Summe", "reverse": "Steuerschuldnerschaft des Leistungsempfängers", "goods": "Waren",
        "bank": "Überweisung an {holder}, IBAN {iban}{bic}, mit dem Verwendungszweck {reference}",
        "page": "{name}: auf Ihrer Bestellseite", "other": "{name}", "days": "{days} Werktage", "day": "1 Werktag",
        "reference": "Mit dem Verwendungszweck {reference}", "untaxed": "Ausfuhr, es fällt keine Steuer an",
        "free": "Es ist nichts zu bezahlen: Nehmen Sie das Angebot auf Ihrer Bestellseite an, oder antworten Sie auf diese E-Mail",
        "come": "Bereits bezahlt", "left": "Noch zu bezahlen",
        "settled": "Es ist schon bezahlt: Nehmen Sie das Angebot auf Ihrer Bestellseite an, oder antworten Sie auf diese E-Mail",
    },
    "fr": {
        "discount": "Remise", "shipping": "Livraison", "included": "dont {name}", "added": "plus {name}",
        "total": "Total", "reverse": "Autoliquidation : la taxe est due par le destinataire", "goods": "Articles",
        "bank": "Virement à {holder}, IBAN {iban}{bic}, avec la référence {reference}",
        "page": "{name} : sur votre page de commande", "other": "{name}", "days": "{days} jours ouvrés", "day": "1 jour ouvré",
        "reference": "Avec la référence {reference}", "untaxed": "Exportation, aucune taxe n’est due",
        "free": "Il n’y a rien à payer : acceptez le devis sur votre page de commande, ou répondez à cet e-mail",
        "come": "Déjà payé", "left": "Reste à payer",
        "settled": "C’est déjà payé : acceptez le devis sur votre page de commande, ou répondez à cet e-mail",
    },
    "es": {
        "discount": "Descuento", "shipping": "Envío", "included": "incluye {name}", "added": "más {name}",
        "total": "Total", "reverse": "Inversión del sujeto pasivo: el impuesto lo debe el destinatario", "goods": "Artículos",
        "bank": "Transferencia a {holder}, IBAN {iban}{bic}, con la referencia {reference}",
        "page": "{name}: en la página de su pedido", "other": "{name}", "days": "{days} días laborables", "day": "1 día laborable",
        "reference": "Con la referencia {reference}", "untaxed": "Exportación, sin impuestos",
        "free": "No hay nada que pagar: acepte el presupuesto en la página de su pedido, o responda a este correo",
        "come": "Ya pagado", "left": "Queda por pagar",
        "settled": "Ya está pagado: acepte el presupuesto en la página de su pedido, o responda a este correo",
    },
    "pt": {
        "discount": "Desconto", "shipping": "Envio", "included": "inclui {name}", "added": "mais {name}",
        "total": "Total", "reverse": "Autoliquidação: o imposto é devido pelo destinatário", "goods": "Artigos",
        "bank": "Transferência para {holder}, IBAN {iban}{bic}, com a referência {reference}",
        "page": "{name}: na página da sua encomenda", "other": "{name}", "days": "{days} dias úteis", "day": "1 dia útil",
        "reference": "Com a referência {reference}", "untaxed": "Exportação, sem impostos",
        "free": "Não há nada a pagar: aceite o orçamento na página da sua encomenda ou responda a este e-mail",
        "come": "Já pago", "left": "Falta pagar",
        "settled": "Já está pago: aceite o orçamento na página da sua encomenda ou responda a este e-mail",
    },
    "it": {
        "discount": "Sconto", "shipping": "Spedizione", "included": "di cui {name}", "added": "più {name}",
        "total": "Totale", "reverse": "Inversione contabile: l’imposta è dovuta dal destinatario", "goods": "Articoli",
        "bank": "Bonifico a {holder}, IBAN {iban}{bic}, con la causale {reference}",
        "page": "{name}: sulla pagina del Suo ordine", "other": "{name}", "days": "{days} giorni lavorativi",
        "day": "1 giorno lavorativo",
        "reference": "Con la causale {reference}", "untaxed": "Esportazione, nessuna imposta",
        "free": "Non c’è nulla da pagare: accetti il preventivo sulla pagina del Suo ordine o risponda a questa e-mail",
        "come": "Già pagato", "left": "Resta da pagare",
        "settled": "È già pagato: accetti il preventivo sulla pagina del Suo ordine o risponda a questa e-mail",
    },
    "nl": {
        "discount": "Korting", "shipping": "Verzending", "included": "waarvan {name}", "added": "plus {name}",
        "total": "Totaal", "reverse": "Btw verlegd: de belasting is verschuldigd door de ontvanger", "goods": "Artikelen",
        "bank": "Overschrijving naar {holder}, IBAN {iban}{bic}, met het kenmerk {reference}",
        "page": "{name}: op uw bestelpagina", "other": "{name}", "days": "{days} werkdagen", "day": "1 werkdag",
        "reference": "Met het kenmerk {reference}", "untaxed": "Uitvoer, geen belasting",
        "free": "Er is niets te betalen: aanvaard de offerte op uw bestelpagina of antwoord op deze e-mail",
        "come": "Al betaald", "left": "Nog te betalen",
        "settled": "Het is al betaald: aanvaard de offerte op uw bestelpagina of antwoord op deze e-mail",
    },
    "ja": {
        "discount": "割引", "shipping": "送料", "included": "うち {name}", "added": "{name} を加算",
        "total": "合計", "reverse": "リバースチャージ：税は受取人が負担します", "goods": "商品",
        "bank": "銀行振込：{holder}、IBAN {iban}{bic}、照会番号 {reference}",
        "page": "{name}：ご注文ページでお支払いいただけます", "other": "{name}", "days": "{days} 営業日", "day": "1 営業日",
        "reference": "照会番号：{reference}", "untaxed": "輸出のため税はかかりません",
        "free": "お支払いは不要です。ご注文ページで見積もりを承諾していただくか、このメールにご返信ください",
        "come": "お支払い済み", "left": "残りのお支払い",
        "settled": "お支払いは済んでおります。ご注文ページで見積もりを承諾していただくか、このメールにご返信ください",
    },
}  # fmt: skip


UNTAXED = {"reverse": "reverse", "zero": "untaxed"}
"""treatment of a sale without tax -> the sentence that says why"""


def words(content: Mapping[str, Any], language: str = "") -> dict[str, str]:
    """The few words around the figures, in the language of the quote (or another), else in English."""
    return WORDS.get(language or content["language"], WORDS["en"])


def amount(content: Mapping[str, Any], minor: int, language: str = "") -> str:
    """An amount in the quote's currency as its reader writes it."""
    code = language or content["language"]
    return money.show(minor, content["currency"], locale=_locale(code))


def summary(content: Mapping[str, Any], language: str = "", *, come: int = 0) -> str:
    """Lines, discounts, shipping, taxes and the total, one below the other: what [ORDER_SUMMARY] stands for."""
    return "\n".join(
        f"{what}: {shown}" if shown else what for what, shown in rows(content, language, come=come)
    )


def left(content: Mapping[str, Any], come: int) -> int:
    """What is to be paid of a quote when `come` minor units have come for its order."""
    return max(int(content["total"]) - come, 0)


def rows(content: Mapping[str, Any], language: str = "", *, come: int = 0) -> Iterator[tuple[str, str]]:
    """(what, amount) of everything that a quote shows, in order. The amounts before the total add up to it; a tax that
    the prices include is only told, and so is what has `come` for the order already."""
    told = words(content, language)

    def show(minor: int) -> str:
        return amount(content, minor, language)

    for line in content["lines"]:
        yield f"{line['quantity']} × {line_name(content, line, language)}", show(line["amount"])
    for off in content["discounts"]:
        yield f"{told['discount']} {off['name']}".rstrip(), show(-off["amount"])
    if content["shipping"]:
        yield f"{told['shipping']}, {content['shipping']['name']}", show(content["shipping"]["amount"])
    if not content["includes_tax"]:
        for tax in taxes(content):
            yield told["added"].format(name=tax["name"]), show(tax["tax"])
    yield told["total"], show(content["total"])
    if content["includes_tax"]:
        for tax in taxes(content):
            yield told["included"].format(name=tax["name"]), show(tax["tax"])
    if content["treatment"] in UNTAXED:
        yield told[UNTAXED[content["treatment"]]], ""
    if come:
        yield told["come"], show(come)
        yield told["left"], show(left(content, come))


def taxes(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rates that a reader is told of: one of 0 % says nothing."""
    return [tax for tax in content["taxes"] if tax["rate"]]


def line_name(content: Mapping[str, Any], line: Mapping[str, Any], language: str = "") -> str:
    """What a line sells, with what was taken off it."""
    if not line["discount"]:
        return str(line["name"])
    off = amount(content, -line["discount"], language)
    return f"{line['name']} ({words(content, language)['discount']} {off})"


def payment_instructions(content: Mapping[str, Any], language: str = "", *, come: int = 0) -> str:
    """How the quote can be paid, a way a line; where the store has set up none, what a payment has to name."""
    told = words(content, language)
    if not left(content, come):
        return told["settled" if come else "free"]
    reference = references.shown(content["reference"])
    found = []
    for method in content["methods"]:
        facts = method["settings"]
        if method["kind"] == "bank":
            bic = f", BIC {facts['bic']}" if facts.get("bic") else ""
            found.append(
                told["bank"].format(holder=facts["holder"], iban=facts["iban"], bic=bic, reference=reference)
            )
        elif method["kind"] in ("stripe", "paypal"):
            found.append(told["page"].format(name=method["name"]))
        else:
            note = str(facts.get("note") or "").strip()
            found.append(told["other"].format(name=method["name"]) + (f": {note}" if note else ""))
    return "\n".join(found) or told["reference"].format(reference=reference)


def reference(content: Mapping[str, Any]) -> str:
    """What a bank transfer names, in groups of four."""
    return references.shown(content["reference"])


def ends(content: Mapping[str, Any], at: datetime, language: str = "") -> str:
    """The instant at which a quote ends, with date and time where the store is."""
    local = at.astimezone(ZoneInfo(content["store"]["time_zone"]))
    locale = _locale(language or content["language"])
    return f"{format_date(local.date(), 'long', locale=locale)}, {format_datetime(local, 'HH:mm', locale=locale)}"


def shipping_time(content: Mapping[str, Any], language: str = "") -> str:
    """'1–3 business days', '' where nothing is shipped."""
    shipping = content["shipping"]
    if not shipping:
        return ""
    low, high = shipping["days_min"], shipping["days_max"]
    told = words(content, language)
    if high == 1:
        return told["day"]
    return told["days"].format(days=f"{low}–{high}" if low != high else str(high))


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What a new version changes, for the agent and the customer; empty where it says the same."""
    return list(_differences(old, new))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    was, now = _by_line(old), _by_line(new)
    names = {line["line"]: line["name"] for content in (old, new) for line in content["lines"]}
    for key in dict.fromkeys([*was, *now]):
        before, after = was.get(key, ""), now.get(key, "")
        if before != after:
            yield Change(names[key], before, after)
    told = words(new)
    before, after = (_ship(content) for content in (old, new))
    if before != after:
        yield Change(told["shipping"], before, after)
    before, after = (_offs(content) for content in (old, new))
    if before != after:
        yield Change(told["discount"], before, after)
    for tax_name in dict.fromkeys(row["name"] for content in (old, new) for row in taxes(content)):
        before, after = (_tax(content, tax_name) for content in (old, new))
        if before != after:
            yield Change(tax_name, before, after)
    for field in dict.fromkeys([*old["address"], *new["address"]]):
        before, after = (str(content["address"].get(field, "")) for content in (old, new))
        if before != after:
            yield Change(field, before, after)
    if old["total"] != new["total"]:
        yield Change(told["total"], amount(old, old["total"]), amount(new, new["total"]))


def _by_line(content: Mapping[str, Any]) -> dict[int, str]:
    return {
        line["line"]: f"{line['quantity']} × {line_name(content, line)}: {amount(content, line['amount'])}"
        for line in content["lines"]
    }


def _ship(content: Mapping[str, Any]) -> str:
    found = content["shipping"]
    return f"{found['name']}, {amount(content, found['amount'])}" if found else ""


def _offs(content: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{off['name']} {amount(content, -off['amount'])}".lstrip() for off in content["discounts"]
    )


def _tax(content: Mapping[str, Any], name: str) -> str:
    found: Iterable[int] = [row["tax"] for row in taxes(content) if row["name"] == name]
    return ", ".join(amount(content, minor) for minor in found)


def _locale(language: str) -> str:
    return LANGUAGES[language].locale if language in LANGUAGES else "en_GB"
