"""Where personal data stands: every text of every table has its class here, or a test fails. In words: docs/personal-data.md.

What erasing does with a column: 'gone' (emptied), 'alias' (the person is called by a pseudonym), 'ours' (words of ours, from
which only the person goes), 'stays' (numbers and words of the books and of the desk itself).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Class:
    """A class of personal data: what it is called, why it is held, and what erasing does with it."""

    title: str
    why: str
    erasing: str


CLASSES: dict[str, Class] = {
    "identity": Class(
        "Who they are",
        "to know a customer again",
        "becomes a pseudonym; addresses, phone and notes are emptied",
    ),
    "letters": Class(
        "Mails, notes and drafts",
        "to answer, and to show what was said",
        "texts, subjects, senders and original bytes go; when there was a mail stays",
    ),
    "files": Class(
        "Attachments and pictures",
        "they came with mails and returns",
        "go, unless another customer sent the same",
    ),
    "orders": Class(
        "Orders and quotes",
        "the contract, and the books",
        "addresses and words go; numbers, goods, sums, taxes, dates and country stay",
    ),
    "parcels": Class(
        "Parcels and labels",
        "to bring the goods, and to prove it",
        "addresses, numbers and labels go; dates stay",
    ),
    "returns": Class(
        "Returns and feedback", "to mend what went wrong", "words go; reasons, scores and sums stay"
    ),
    "money": Class(
        "Payments and refunds",
        "the books",
        "names, accounts and words go; sums, dates and providers’ numbers stay",
    ),
    "records": Class(
        "Holds and exports", "to prove how data was kept", "exports go; holds stay without names"
    ),
}

PERSONAL: dict[str, tuple[str, dict[str, str]]] = {
    "customer": (
        "identity",
        {"name": "alias", "name_key": "alias", "language": "stays", "country": "stays", "phone": "gone", "note": "gone", "group": "stays"},
    ),
    "customer_address": ("identity", {"email": "alias"}),
    "customer_merge": ("identity", {"before": "gone"}),
    "participant": ("identity", {"email": "gone"}),
    "conversation": (
        "letters",
        {
            "subject": "gone", "reply_token": "stays", "state": "stays", "escalated_reason": "ours", "escalated_to_role": "stays",
            "handed_for": "stays", "tags": "stays", "who": "alias", "preview": "gone", "trouble": "stays", "next_action": "stays",
            "queue_view": "stays", "order_step": "stays", "order_state": "stays", "order_currency": "stays",
        },
    ),
    "message": (
        "letters",
        {
            "direction": "stays", "kind": "stays", "mail_id": "gone", "canonical_key": "gone", "from_name": "alias",
            "from_email": "alias", "recipients": "alias", "subject": "gone", "text": "gone", "html": "gone", "zones": "gone",
            "reason": "gone", "facts": "gone", "trouble": "ours",
        },
    ),
    "message_reading": ("letters", {"kind": "stays", "role": "stays", "language": "stays", "reading": "gone"}),
    "raw_mail": (
        "letters",
        {
            "sha256": "gone", "door": "stays", "envelope_from": "alias", "envelope_to": "stays", "state": "stays",
            "claim": "stays", "fault": "gone",
        },
    ),
    "outbound_mail": (
        "letters",
        {
            "occasion": "stays", "thread": "stays", "message_id": "stays", "sha256": "gone", "envelope_from": "stays",
            "recipients": "alias", "to_address": "alias", "state": "stays", "claim": "stays", "response": "gone",
            "refused": "gone",
        },
    ),
    "draft": ("letters", dict.fromkeys(("kind", "token", "to", "cc", "subject", "text", "purpose", "template"), "gone")),
    "possible_match": ("letters", {"why": "gone"}),
    "promise": ("letters", {}),
    "promise_pause": ("letters", {"reason": "ours"}),
    "act": ("letters", dict.fromkeys(("kind", "sentence", "before"), "gone")),
    "attachment": ("files", dict.fromkeys(("sha256", "filename", "content_type", "content_id"), "gone")),
    "return_photo": ("files", dict.fromkeys(("sha256", "content_type"), "gone")),
    "order": (
        "orders",
        {
            "state": "stays", "currency": "stays", "language": "stays", "email": "alias", "phone": "gone", "ship_name": "alias",
            "ship_line1": "gone", "ship_line2": "gone", "ship_city": "gone", "ship_region": "gone", "ship_postcode": "gone",
            "ship_country": "stays", "delivery_wish": "gone", "sources": "gone", "asked": "gone", "cancel_reason": "ours",
            "delivery_trouble": "stays", "return_step": "stays",
        },
    ),
    "order_line": (
        "orders",
        {
            "standing": "stays", "candidates": "stays", "text": "gone", "source": "gone", "rule": "stays", "typed": "stays",
            "removed_why": "ours",
        },
    ),
    "order_change": ("orders", {"changes": "gone", "state": "stays"}),
    "quote": ("orders", {"state": "stays", "currency": "stays", "content": "alias", "content_hash": "gone", "reference": "stays"}),
    "customer_link": ("orders", {"token_hash": "stays", "email": "alias", "purpose": "stays", "wanted": "gone"}),
    "milestone_mail": ("orders", {"milestone": "stays", "about": "stays", "template": "stays"}),
    "shipment": (
        "parcels",
        {
            "state": "stays", "status": "stays", "service": "stays", "tracking_number": "gone", "tracking_key": "gone",
            "tracking_by": "stays",
        },
    ),
    "shipment_item": ("parcels", {"sku": "stays", "name": "stays"}),
    "label": (
        "parcels",
        {
            "state": "stays", "address": "alias", "address_hash": "gone", "pdf_sha256": "gone", "reference": "stays",
            "ref": "stays", "currency": "stays", "void_reason": "ours", "fault": "ours",
        },
    ),
    "tracking_event": (
        "parcels", {"key": "stays", "status": "stays", "words": "gone", "place": "gone", "source": "stays"}
    ),
    "delivery_alarm": ("parcels", {"kind": "stays", "about": "stays", "settled_how": "ours"}),
    "number_list": (
        "parcels", {"filename": "stays", "rows": "gone", "confirmed": "stays", "claim": "stays"}
    ),
    "carrier_event": ("parcels", {"event_id": "stays", "raw_sha256": "gone", "fault": "gone"}),
    "return": (
        "returns",
        {
            "state": "stays", "source": "stays", "reason": "stays", "words": "gone", "verdict": "ours", "overruled": "ours",
            "way_back": "stays", "credit_of": "stays",
        },
    ),
    "return_line": ("returns", {"sku": "stays", "name": "stays", "wanted": "stays", "found": "ours"}),
    "feedback": ("returns", {"skipped_why": "stays", "comment": "gone", "step": "stays"}),
    "payment": (
        "money",
        {
            "state": "stays", "source": "stays", "source_ref": "stays", "currency": "stays", "payer_name": "alias",
            "payer_account": "gone", "text": "gone", "outcome": "stays", "evidence": "gone", "proposal": "stays", "note": "gone",
        },
    ),
    "refund": (
        "money",
        {
            "reason": "ours", "state": "stays", "idempotency_key": "stays", "provider_ref": "stays", "fault": "ours",
            "claim": "stays",
        },
    ),
    "payment_link": ("money", {"provider": "stays", "state": "stays", "ref": "stays", "url": "gone", "fault": "gone"}),
    "provider_event": (
        "money", {"provider": "stays", "event_id": "stays", "kind": "stays", "raw_sha256": "gone", "fault": "gone"}
    ),
    "statement": (
        "money",
        {"file_sha256": "gone", "filename": "stays", "form": "stays", "account": "stays", "currency": "stays", "columns": "stays"},
    ),
    "event": (
        "records",
        {
            "actor": "stays", "origin": "gone", "kind": "stays", "subject_type": "stays", "before": "gone", "after": "gone",
            "salts": "gone",
        },
    ),
    "legal_hold": ("records", {"reason": "ours", "lifted_why": "ours"}),
    "person_export": ("records", {"file_sha256": "gone", "fault": "gone"}),
    "erasure": (
        "records",
        {"mark": "stays", "state": "stays", "found": "gone", "files": "gone", "counts": "stays", "claim": "stays"},
    ),
}  # fmt: skip
"""table -> its class, and each column that holds text -> what erasing does with it"""

TABLES: dict[str, str] = {name: kind for name, (kind, _) in PERSONAL.items()}

SHOPS: dict[str, str] = {
    "bank_change": "kind name settings secret state",
    "batch": "state",
    "box": "name",
    "calendar": "name time_zone country hours closures",
    "carrier": "name pattern adapter handover tracking_url holidays settings secret",
    "catalogue_stamp": "stamp",
    "chain_check": "why beside hash claim",
    "column_map": "name header_key columns",
    "conversation_count": "view",
    "desk_session": "token_hash address browser second",
    "discount": "code code_key kind currency",
    "escalation_rule": "to_role",
    "event_head": "hash",
    "folder_cursor": "folder account",
    "forgotten_mail": "mark",
    "incident": "kind cause words state resolution",
    "incident_case": "source about settled_how",
    "incident_cursor": "name",
    "incident_retry": "cases left",
    "macro": "name name_key texts order_move reason tags assign escalate_role after",
    "mail_hold": "why",
    "mailbox": (
        "address display_name aliases imap_host imap_tls imap_user imap_secret imap_folders imap_ca_file smtp_host smtp_tls "
        "smtp_user smtp_secret smtp_ca_file hook_secret last_fault lease_holder"
    ),
    "mailbox_delivery": "outcome",
    "manifest": "state refused pickup_from pickup_until pickup_note pickup_ref form_ref form_sha256",
    "payment_method": "kind name settings secret",
    "person": "name email password_hash signature",
    "person_role": "role",
    "playbook_link": "kind key anchor",
    "playbook_page": "slug title",
    "playbook_version": "text reason asks",
    "presence": "doing",
    "product": (
        "sku sku_key name name_key phrase_key currency tax_class shelf barcode attributes hs_code origin picture_sha256 "
        "picture_type"
    ),
    "product_alias": "text text_key key language taught_how",
    "product_family": "name key attributes",
    "promise_rule": "group",
    "recovery_code": "code_hash",
    "report_day": "measure part data",
    "report_roll": "zone",
    "retention_rule": "name",
    "saved_report": "name kind days words roles schedule people",
    "saved_reply": "title title_key language text topic",
    "setup_step": "name found",
    "shipping_price": "currency",
    "shipping_service": "name carrier countries cut_off tax_class",
    "second_factor": "secret",
    "sign_in_rule": "without_reason",
    "sign_in_throttle": "key",
    "stock_movement": "kind occasion about reason actor",
    "store": (
        "name time_zone contact own_authserv_id country currency language tax_rounding vat_id hand_out stays_role answer_mails "
        "credit_confirmed return_way_back return_address brand_colour brand_footer sender_address eori logo_sha256 logo_type"
    ),
    "tax_rate": "tax_class name",
    "tax_zone": "name countries treatment",
    "template_version": "key language subject body state",
    "tolerance": "role currency",
}
"""table -> its columns of text: the shop's own words, settings and people, nothing of customers"""
