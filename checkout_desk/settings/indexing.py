"""Everything that can be set: one line each, with the sentence that helps to find it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the settings. `endpoint` may belong to a room above; what is not bound is left out."""

    endpoint: str
    title: str
    says: str
    icon: str
    anchor: str = ""
    permission: str = "settings.write"


INDEX: tuple[tuple[str, tuple[Line, ...]], ...] = (
    ("Store", (
        Line("settings.of_store", "Store", "Name, country, currency, language and time zone", "settings"),
        Line("settings.of_store", "Missing details", "Whether a phone number is needed, and when customers are reminded",
             "circle-help", "s-details"),
        Line("mailboxes.show", "Mailboxes", "Where mail comes in and goes out, each with a live test", "mailbox",
             permission="mailboxes.write"),
        Line("people.everybody", "People and roles", "Who works here, and what each role may do", "users",
             permission="people.read"),
    )),
    ("Answers", (
        Line("settings.of_store", "Answers", "Hours of the promise, seconds to undo, mails that count as an answer", "reply",
             "s-promise"),
        Line("promises.show", "Promises and calendars", "Business hours, holidays, groups of customers, escalations, who gets "
             "work", "calendar"),
        Line("settings.of_store", "Automatic mail", "Receipts, also to unproven first-time senders, and how many mails at most",
             "zap", "s-auto"),
        Line("settings.of_store", "Proof of senders", "Which mail server’s word on SPF, DKIM and DMARC is believed",
             "shield-check", "s-proof"),
    )),
    ("What customers see", (
        Line("money_brand.show", "Brand", "Logo, colour, last lines, sender of parcels, where returns go", "image"),
        Line("studio.everything", "Templates", "The words of every mail, in eight languages, with versions", "file-text",
             permission="templates.read"),
        Line("settings.of_store", "After the sale", "Feedback, returns, who pays the way back, confirmation on account",
             "message-square-warning", "s-after"),
    )),
    ("Money and parcels", (
        Line("money_tax.everything", "Tax", "Zones and rates from a day on", "scale"),
        Line("money_shipping.everything", "Shipping", "Services, where they go, and price tables", "truck"),
        Line("carriers.everything", "Carriers", "Accounts, labels, cut-off and tracking", "package", permission="carriers.write"),
        Line("money_methods.everything", "Ways to pay", "Stripe, PayPal, bank transfer, cash, on account", "credit-card",
             permission="settings.bank"),
        Line("money.quotes", "Quotes", "Prices with or without tax, rounding, how long a quote holds, VAT id", "receipt"),
        Line("money_discounts.everything", "Discounts", "Codes that customers may name", "tag"),
        Line("money.limits", "Amount limits", "By role: differences of a payment, refunds, discounts by hand", "equal-approximately"),
        Line("money_preview.show", "Try it", "What a basket to a country costs on a day", "eye"),
    )),
    ("Safety and records", (
        Line("people.everybody", "Second factor", "Whether everybody signs in with a code, or why the store decided against it",
             "fingerprint", "h-second", "people.write"),
        Line("people_records.retention_rules", "Retention", "How long each class of data is kept, with a preview", "archive",
             permission="records.keep"),
        Line("people_records.holds", "Legal holds", "What must not be erased, and why", "lock", permission="records.keep"),
        Line("setup.overview", "Set-up", "The checklist of this desk, each step tried", "clipboard-check",
             permission="setup.write"),
    )),
)  # fmt: skip
