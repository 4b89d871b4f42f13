"""Which column of a bank's CSV means what: words of their headers in English, German, French, Spanish, Dutch and Italian.

A guess is only made where each meaning has one column that says it most clearly; a person may set a map by hand, and
saved maps fit files with the same header line.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from checkout_desk.payments.statements.rows import Unusable

DATE_FORMS = ("ymd", "dmy", "mdy")

MEANT: dict[str, tuple[str, ...]] = {
    "date": tuple(
        "bookingdate;postingdate;posteddate;datebooked;transactiondate;dateprocessed;buchungstag;buchungsdatum;buchung;"
        "datedecomptabilisation;dateoperation;datedeloperation;dateope;datecomptable;fechaoperacion;fechacontable;"
        "fechadeoperacion;fechaoperativa;fecha;boekingsdatum;boekdatum;rentedatum;datacontabile;dataoperazione;"
        "completeddate;datecompletedutc;datecompleted;datestarted;date;datum;data".split(";")
    ),
    "amount": tuple(
        "amount;transactionamount;amounteur;amountgbp;betrag;betrageur;umsatz;betraginkontowahrung;montant;belastunggutschrift;"
        "montanteuros;montantdeloperation;importe;importeeur;bedrag;bedrageur;importo;value".split(";")
    ),
    "credit": tuple(
        "credit;creditamount;paidin;moneyin;haben;gutschrift;betraghaben;creditoeur;haber;abono;abonos;ingreso;"
        "ingresos;bij;accrediti;entrate;montantcredit;crediteuros".split(";")
    ),
    "debit": tuple(
        "debit;debitamount;paidout;moneyout;withdrawal;soll;lastschrift;belastung;betragsoll;cargo;cargos;debe;gasto;"
        "gastos;af;addebiti;uscite;montantdebit;debiteuros".split(";")
    ),
    "mark": tuple(
        "sollhaben;sh;sollhabenkennzeichen;debitcredit;creditdebit;afbij;sens;signo;crdr;drcr".split(";")
    ),
    "currency": tuple(
        "currency;ccy;wahrung;waehrung;wahrg;devise;moneda;divisa;munt;muntsoort;waluta".split(";")
    ),
    "text": tuple(
        "verwendungszweck;paymentreference;remittanceinformation;purpose;description;transactiondescription;details;"
        "memo;narrative;reference;buchungstext;libelle;libelleoperation;libellesimplifie;detaildelecriture;motif;"
        "concepto;conceptoampliado;descripcion;observaciones;omschrijving;mededelingen;notificaties;descrizione;"
        "causale;zahlungsgrund;avisierungstext;mitteilung;informationscomplementaires".split(";")
    ),
    "name": tuple(
        "beguenstigterzahlungspflichtiger;begunstigterzahlungspflichtiger;auftraggeberbegunstigter;auftraggeber;"
        "namezahlungsbeteiligter;zahlungspflichtiger;zahlungspflichtige;zahlungsbeteiligter;"
        "payername;payer;payee;"
        "counterparty;counterpartyname;name;partnername;othername;nomcontrepartie;contrepartie;tiers;emetteur;"
        "ordenante;beneficiario;nombre;naamomschrijving;naamtegenpartij;tegenpartij;ordinante".split(";")
    ),
    "account": tuple(
        "kontonummeriban;ibanzahlungsbeteiligter;iban;payeriban;counterpartyaccount;counterpartyiban;accountnumber;"
        "kontonummer;comptecontrepartie;ibancontrepartie;cuentaordenante;cuentaemisor;tegenrekening;"
        "tegenrekeningibanbban;partneriban".split(";")
    ),
    "reference": tuple(
        "endtoendreference;endtoendid;kundenreferenzendtoend;kundenreferenz;customerreference;referenceclient;"
        "referencia;referencia1;kenmerk;betalingskenmerk".split(";")
    ),
    "bank_ref": tuple(
        "transactionid;bankreference;transactionreference;fitid;bankreferenz;transaktionsnummer;"
        "referencebanque;referenceoperation;referencemovimiento;nummovimiento;transactienummer;volgnr;id".split(
            ";"
        )
    ),
    "balance": tuple(
        "balance;runningbalance;accountbalance;saldo;saldonachbuchung;saldoeur;kontostand;solde;saldodisponible;"
        "saldonamutatie;saldocontabile".split(";")
    ),
    "fee": ("fee", "fees", "gebuhr", "gebuehr", "frais", "comision", "commission"),
    "own": tuple("auftragskonto;ibanauftragskonto;ownaccount;comptedonneurdordre;rekening;cuenta".split(";")),
    "state": tuple("status;state;statut;estado;info".split(";")),
}
"""What each meaning is called in headers, by `key`; earlier names are clearer. Facts about banks' files."""

_CURRENCY_BEHIND = re.compile(r"(?<=\w)\s+(?:in\s+)?\(?(?:[A-Z]{3}|€|£|\$)\)?$")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """A column map: header names as they stand in the file ('' where there is none), and how dates and numbers look.

    Either `amount` (signed, or with `mark` telling the sign) or `credit` with or without `debit` must be there.
    `currency_is` is what the file does not say itself.
    """

    date: str
    amount: str = ""
    credit: str = ""
    debit: str = ""
    mark: str = ""
    currency: str = ""
    text: str = ""
    name: str = ""
    account: str = ""
    reference: str = ""
    bank_ref: str = ""
    balance: str = ""
    own: str = ""
    state: str = ""
    fee: str = ""
    """what the bank took off besides the amount"""
    decimal: str = ""
    """',' or '.'; '' to see from the amounts"""
    date_form: str = ""
    """one of DATE_FORMS; '' to see from the dates"""
    currency_is: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON for a ColumnMap."""
        return {key: value for key, value in asdict(self).items() if value}

    def named(self) -> dict[str, str]:
        """Meaning -> header, of the columns alone."""
        return {meaning: header for meaning in MEANT if (header := getattr(self, meaning))}


def from_stored(stored: Mapping[str, Any]) -> Columns:
    """The map that a ColumnMap keeps. Raises Unusable, naming it, for what cannot be used."""
    known = {field.name for field in fields(Columns)}
    values = {key: str(value) for key, value in stored.items() if key in known}
    found = Columns(**{"date": "", **values})
    fault = lacks(found)
    if fault:
        raise Unusable(fault)
    return found


def lacks(columns: Columns) -> str:
    """What is missing for a map to be usable, as a sentence, or ''."""
    if not columns.date:
        return "Say which column holds the date of the booking."
    if not columns.amount and not columns.credit:
        return "Say which column holds the amount, or which hold money in and money out."
    if columns.decimal not in ("", ",", "."):
        return f"“{columns.decimal}” is no decimal sign; use a comma or a point."
    if columns.date_form not in ("", *DATE_FORMS):
        return f"“{columns.date_form}” is no form of dates; use {', '.join(DATE_FORMS)}."
    return ""


def key(header: str) -> str:
    """A header for comparing: letters and digits without accents, signs, case and the currency behind it.

    "Währung" is `wahrung`, "Gutschrift in CHF" is `gutschrift`.
    """
    bare = _CURRENCY_BEHIND.sub("", header.strip())
    folded = unicodedata.normalize("NFKD", bare.replace("ß", "ss")).casefold()
    return _NO_LETTER.sub("", "".join(c for c in folded if not unicodedata.combining(c)))


def header_key(headers: Sequence[str]) -> str:
    """What a saved map is found by: SHA-256 of the header line."""
    return hashlib.sha256("\x1f".join(key(header) for header in headers).encode()).hexdigest()


def score(headers: Sequence[str]) -> int:
    """How many meanings a line of cells could name: the header line is the one with most."""
    keys = {key(header) for header in headers if header.strip()}
    return sum(1 for names in MEANT.values() if keys & set(names))


def guess(headers: Sequence[str]) -> Columns | None:
    """The map that the headers speak for, None where there is no date or no amount among them."""
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(key(header), header)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for meaning, names in MEANT.items():
        for name in names:
            header = by_key.get(name, "")
            if header and header not in taken:
                found[meaning] = header
                taken.add(header)
                break
    if found.get("credit") and found.get("debit"):
        found.pop("amount", None)
    elif found.get("amount"):
        found.pop("credit", None)
        found.pop("debit", None)
    if "date" not in found or not ("amount" in found or "credit" in found):
        return None
    return Columns(**{"date": "", **found})
