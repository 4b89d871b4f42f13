"""Both procedures as data: what each step says, who does it where, what proves it, and by when it is to be done.

The strip of an order, the report on how the procedure is kept, the links to the playbook and the table of `docs/sop.md`
are made of this one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Limit = Literal["", "promise", "cut_off", "hours", "told_day"]
"""what a step is late against: nothing, the store's promise, the carrier's cut-off, `hours`, the day the customer was told"""
Cause = Literal["template", "product", "person", "carrier", "mailbox"]
CAUSES: dict[Cause, str] = {
    "template": "Template",
    "product": "Product",
    "person": "Person",
    "carrier": "Carrier",
    "mailbox": "Mailbox",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure."""

    code: str
    name: str
    says: str
    """the procedure's words, in short"""
    role: str
    """who does it, by `accounts.permissions.ROLES`; '' for the desk itself"""
    screen: str
    evidence: str
    """what proves that it was done"""
    waits: str
    """what has to be there before it can be done"""
    limit: Limit = ""
    hours: float = 0
    causes: tuple[Cause, ...] = ()
    """what its deviations are counted by"""
    judged: bool = True
    """False: it is about the store, not about one order"""

    @property
    def number(self) -> int:
        """1 to 17, or 1 to 7."""
        return int(self.code[1:])


STEPS: tuple[Step, ...] = (
    Step("A1", "Receive", "Monitor the checkout mailbox for incoming orders", "", "Mailboxes", "the mail",
         "a mail", "hours", 1, ("mailbox",)),
    Step("A2", "Note the details", "Note products, quantities and how to reach the customer", "processing",
         "Conversation", "the draft", "the mail", "promise", causes=("person", "mailbox")),
    Step("A3", "Check the stock", "Verify that the products are available", "processing", "Order panel",
         "the hold in the stock ledger", "the details", causes=("product",)),
    Step("A4", "Ask for details", "Ask promptly for what is missing or unclear", "processing", "Composer",
         "the question", "the draft", "promise", causes=("person", "product", "mailbox")),
    Step("A5", "Prepare the quote", "Total with tax and shipping, payment methods, instructions", "processing",
         "Order panel", "the quote", "complete details", causes=("person", "product")),
    Step("A6", "Send the quote", "Send the payment instructions; paid before fulfilment", "processing", "Composer",
         "the mail with the quote", "complete details", "promise", causes=("person", "template")),
    Step("A7", "Watch for payment", "Monitor for the customer's payment", "processing", "Payments", "the payment",
         "the quote", causes=("template",)),
    Step("A8", "Verify the payment", "Verify that it matches the amount quoted", "processing", "Payments",
         "the allocation", "the payment", "hours", 24, ("person",)),
    Step("A9", "Update the stock", "Update inventory to reflect the sale", "", "Catalogue",
         "the sale in the stock ledger", "the verified payment", causes=("product",)),
    Step("A10", "Pack", "Package the items securely", "logistics", "Pack", "the packed parcel",
         "the verified payment", "cut_off", causes=("person", "product")),
    Step("A11", "Label", "Label with the customer's address", "logistics", "Labels", "the label",
         "the packed parcel", causes=("person", "carrier")),
    Step("A12", "Hand over", "Arrange shipping through the carrier", "logistics", "Manifests", "the handover",
         "the label", "cut_off", causes=("carrier", "person")),
    Step("A13", "Confirm the order", "Confirmation mail: number, summary, shipping, expected delivery", "",
         "Mails of the order", "the confirmation mail", "the verified payment", "hours", 1, ("template", "mailbox")),
    Step("A14", "Tell the tracking", "Tell the customer the tracking number once it is shipped", "logistics",
         "Pack station", "the shipping mail", "the handover", "hours", 1, ("template", "carrier")),
    Step("A15", "Returns and exchanges", "Remain available for inquiries, returns and exchanges", "support",
         "Returns", "the answer", "a request of the customer", "promise", causes=("person",)),
    Step("A16", "Ask for feedback", "Monitor customer feedback", "", "Reports", "the question after delivery",
         "the delivery", "hours", 24, ("template",)),
    Step("A17", "Keep the records", "Maintain records of mails, payments and shipping", "", "What happened",
         "the record of events", "the end of the order"),
    Step("B1", "Verify the details", "Confirm product, quantity, address and contact in the system", "processing",
         "Order panel", "the verification", "complete details", causes=("person", "product")),
    Step("B2", "Confirm at once", "Confirmation mail immediately upon order placement", "", "Mails of the order",
         "the confirmation mail", "the placed order"),
    Step("B3", "Deliver as told", "Tracking information with an estimated delivery date", "logistics", "Track",
         "the delivery", "the handover", "told_day", causes=("carrier",)),
    Step("B4", "Answer questions", "Respond within 24 hours; escalate complex cases", "support", "Conversation",
         "the answer", "a question", "promise", causes=("person", "mailbox")),
    Step("B5", "Use the templates", "Standard, professional, branded templates", "processing", "Templates",
         "the template's version", "a mail to the customer", causes=("person",)),
    Step("B6", "Monitor and review", "Review feedback and times, update templates, resolve recurring errors",
         "manager", "Reports", "this report", "", judged=False),
    Step("B7", "Keep the policies", "Customer service policy, e-mail guidelines, fulfilment procedure", "manager",
         "Playbook", "the page's version", "", judged=False),
)  # fmt: skip
BY_CODE = {step.code: step for step in STEPS}
JUDGED = tuple(step for step in STEPS if step.judged)
FAULTS = {"skipped": "skipped", "late": "late", "repeated": "repeated"}
"""ways in which a step is not done as the procedure says, the gravest first"""
