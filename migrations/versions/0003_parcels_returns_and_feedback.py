"""Parcels, labels and carriers; returns, feedback and calendars; trust, discounts by hand."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import checkout_desk.extensions
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "box",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box")),
        sa.UniqueConstraint("name", name=op.f("uq_box_name")),
    )
    op.create_table(
        "calendar",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column(
            "hours",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "closures",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_calendar_name")),
    )
    op.create_table(
        "carrier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pattern", sa.String(length=20), nullable=False),
        sa.Column("adapter", sa.String(length=12), nullable=False),
        sa.Column("handover", sa.String(length=10), nullable=False),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        sa.Column("tracking_url", sa.String(length=300), nullable=False),
        sa.Column(
            "holidays",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("silent_days", sa.Integer(), nullable=False),
        sa.Column(
            "settings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("adapter IN ('manual','easypost')", name=op.f("ck_carrier_adapter")),
        sa.CheckConstraint("handover IN ('number','manifest')", name=op.f("ck_carrier_handover")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("name", name=op.f("uq_carrier_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("done_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open','done')", name=op.f("ck_batch_state")),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["person.id"], name=op.f("fk_batch_claimed_by_id_person")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_batch_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_state", ["state", "id"], unique=False)

    op.create_table(
        "carrier_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("understood_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_event_carrier_id_carrier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_event")),
        sa.UniqueConstraint("carrier_id", "event_id", name=op.f("uq_carrier_event_carrier_id_event_id")),
    )
    with op.batch_alter_table("carrier_event", schema=None) as batch_op:
        batch_op.create_index("ix_carrier_event_open", ["understood_at", "id"], unique=False)

    op.create_table(
        "escalation_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("after_hours", sa.Integer(), nullable=False),
        sa.Column("to_role", sa.String(length=20), nullable=True),
        sa.Column("to_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("again_hours", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(to_role IS NULL) <> (to_person_id IS NULL)", name=op.f("ck_escalation_rule_target")
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["person.id"], name=op.f("fk_escalation_rule_to_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rule")),
    )
    op.create_table(
        "manifest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("made_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pickup_on", sa.Date(), nullable=True),
        sa.Column("pickup_from", sa.String(length=5), nullable=False),
        sa.Column("pickup_until", sa.String(length=5), nullable=False),
        sa.Column("pickup_note", sa.String(length=200), nullable=False),
        sa.Column("pickup_ref", sa.String(length=120), nullable=False),
        sa.Column("form_ref", sa.String(length=120), server_default="", nullable=False),
        sa.Column("form_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state IN ('open','closed')", name=op.f("ck_manifest_state")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_manifest_carrier_id_carrier")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_manifest_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_manifest_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
    )
    op.create_table(
        "number_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column(
            "rows", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column(
            "confirmed",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim", sa.String(length=16), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_number_list_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_list")),
    )
    with op.batch_alter_table("number_list", schema=None) as batch_op:
        batch_op.create_index(
            "ix_number_list_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("done < total"),
            postgresql_where=sa.text("done < total"),
        )

    op.create_table(
        "promise_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("hours BETWEEN 1 AND 720", name=op.f("ck_promise_rule_hours")),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendar.id"], name=op.f("fk_promise_rule_calendar_id_calendar")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_rule")),
        sa.UniqueConstraint("group", name=op.f("uq_promise_rule_group")),
    )
    op.create_table(
        "provider_listing",
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["method_id"], ["payment_method.id"], name=op.f("fk_provider_listing_method_id_payment_method")
        ),
        sa.PrimaryKeyConstraint("method_id", name=op.f("pk_provider_listing")),
    )
    op.create_table(
        "batch_pick",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("picked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("picked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("picked >= 0", name=op.f("ck_batch_pick_picked")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_pick_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["picked_by_id"], ["person.id"], name=op.f("fk_batch_pick_picked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_batch_pick_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_pick")),
        sa.UniqueConstraint("batch_id", "product_id", name=op.f("uq_batch_pick_batch_id_product_id")),
    )
    op.create_table(
        "batch_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("skipped_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("left_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_order_batch_id_batch")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_batch_order_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_order")),
        sa.UniqueConstraint("batch_id", "order_id", name=op.f("uq_batch_order_batch_id_order_id")),
    )
    with op.batch_alter_table("batch_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_order_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_batch_order_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("skipped_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("skipped_why", sa.String(length=120), nullable=False),
        sa.Column("answered_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=4), nullable=False),
        sa.Column("settled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(score IS NULL) = (answered_at IS NULL)", name=op.f("ck_feedback_answered")),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name=op.f("ck_feedback_score")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_feedback_message_id_message")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_feedback_order_id_order")),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_feedback_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("order_id", name=op.f("uq_feedback_order_id")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_answered", ["answered_at", "id"], unique=False)
        batch_op.create_index(
            "ix_feedback_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("asked_at IS NULL AND skipped_at IS NULL"),
            postgresql_where=sa.text("asked_at IS NULL AND skipped_at IS NULL"),
        )

    op.create_table(
        "promise_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("promise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("until_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_promise_pause_by_id_person")),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_promise_pause_promise_id_promise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_pause")),
    )
    with op.batch_alter_table("promise_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promise_pause_promise_id"), ["promise_id"], unique=False)

    op.create_table(
        "return",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("verdict", sa.String(length=300), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("overruled", sa.String(length=300), nullable=False),
        sa.Column("way_back", sa.String(length=8), nullable=False),
        sa.Column("without_goods", sa.Boolean(), nullable=False),
        sa.Column("requested_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("inspected_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("refund_minor", sa.Integer(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('damaged', 'wrong_item', 'not_as_described', 'does_not_fit', 'changed_mind', 'late', 'other')",
            name=op.f("ck_return_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'refused', 'awaiting_goods', 'received', 'inspected', 'settled', 'closed')",
            name=op.f("ck_return_state"),
        ),
        sa.CheckConstraint("way_back IN ('customer','store')", name=op.f("ck_return_way_back")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_return_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(["exchange_id"], ["order.id"], name=op.f("fk_return_exchange_id_order")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_return_message_id_message")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_return_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_return_order_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("return", schema=None) as batch_op:
        batch_op.create_index("ix_return_state", ["state", "id"], unique=False)

    op.create_table(
        "return_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.String(length=8), nullable=False),
        sa.Column("exchange_product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_minor", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("restocked", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("scrapped", sa.Integer(), nullable=False),
        sa.Column("found", sa.String(length=300), nullable=False),
        sa.CheckConstraint("wanted IN ('refund', 'exchange')", name=op.f("ck_return_line_wanted")),
        sa.CheckConstraint("quantity > 0 AND received >= 0", name=op.f("ck_return_line_quantity")),
        sa.CheckConstraint(
            "restocked >= 0 AND repaired >= 0 AND scrapped >= 0 AND restocked + repaired + scrapped <= received",
            name=op.f("ck_return_line_inspected"),
        ),
        sa.ForeignKeyConstraint(
            ["exchange_product_id"], ["product.id"], name=op.f("fk_return_line_exchange_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_return_line_product_id_product")
        ),
        sa.ForeignKeyConstraint(["return_id"], ["return.id"], name=op.f("fk_return_line_return_id_return")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
        sa.UniqueConstraint(
            "return_id", "product_id", "wanted", name=op.f("uq_return_line_return_id_product_id_wanted")
        ),
    )
    with op.batch_alter_table("return_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_line_return_id"), ["return_id"], unique=False)

    op.create_table(
        "return_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["return.id"], name=op.f("fk_return_photo_return_id_return")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photo")),
    )
    with op.batch_alter_table("return_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_photo_return_id"), ["return_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("box_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("expected_grams", sa.Integer(), nullable=True),
        sa.Column("tracking_number", sa.String(length=40), nullable=False),
        sa.Column("tracking_key", sa.String(length=40), nullable=True),
        sa.Column("tracking_by", sa.String(length=20), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("packed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("packed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handed_over_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("delivered_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_scan_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("poll_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('packing', 'labelled', 'handed_over', 'in_transit', 'out_for_delivery', 'failed_attempt', 'available_for_pickup', 'exception', 'delivered', 'returned_to_sender', 'lost', 'void')",
            name=op.f("ck_shipment_state"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'info_received', 'in_transit', 'out_for_delivery', 'failed_attempt', 'available_for_pickup', 'delivered', 'exception', 'expired')",
            name=op.f("ck_shipment_status"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_shipment_batch_id_batch")),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_shipment_box_id_box")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_shipment_carrier_id_carrier")),
        sa.ForeignKeyConstraint(
            ["handed_over_by_id"], ["person.id"], name=op.f("fk_shipment_handed_over_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"], ["manifest.id"], name=op.f("fk_shipment_manifest_id_manifest")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_shipment_order_id_order")),
        sa.ForeignKeyConstraint(
            ["packed_by_id"], ["person.id"], name=op.f("fk_shipment_packed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_shipment_quote_id_quote")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["shipping_service.id"], name=op.f("fk_shipment_service_id_shipping_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_shipment_order_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_board", ["status", "handed_over_at", "id"], unique=False)
        batch_op.create_index("ix_shipment_manifest", ["manifest_id"], unique=False)
        batch_op.create_index(
            "ix_shipment_poll",
            ["poll_at"],
            unique=False,
            sqlite_where=sa.text("poll_at IS NOT NULL"),
            postgresql_where=sa.text("poll_at IS NOT NULL"),
        )
        batch_op.create_index("ix_shipment_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "uq_shipment_packing",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("state = 'packing'"),
            postgresql_where=sa.text("state = 'packing'"),
        )
        batch_op.create_index(
            "uq_shipment_tracking",
            ["tracking_key"],
            unique=True,
            sqlite_where=sa.text("tracking_key IS NOT NULL AND state <> 'void'"),
            postgresql_where=sa.text("tracking_key IS NOT NULL AND state <> 'void'"),
        )

    op.create_table(
        "delivery_alarm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_how", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('silent', 'late', 'failed_attempt', 'coming_back', 'exception', 'short')",
            name=op.f("ck_delivery_alarm_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_delivery_alarm_settled_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_delivery_alarm_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_alarm")),
        sa.UniqueConstraint(
            "shipment_id", "kind", "about", name=op.f("uq_delivery_alarm_shipment_id_kind_about")
        ),
    )
    with op.batch_alter_table("delivery_alarm", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_alarm_open", ["settled_at", "id"], unique=False)

    op.create_table(
        "label",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "address",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=True),
        sa.Column("price_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("void_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("made_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("void_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.Column("looked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('buying', 'made', 'void', 'refund_asked', 'refunded', 'refund_refused', 'unknown')",
            name=op.f("ck_label_state"),
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_label_made_by_id_person")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_label_shipment_id_shipment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("reference", name=op.f("uq_label_reference")),
        sa.UniqueConstraint("shipment_id", "number", name=op.f("uq_label_shipment_id_number")),
    )
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.create_index("ix_label_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "uq_label_live",
            ["shipment_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('buying','made','unknown')"),
            postgresql_where=sa.text("state IN ('buying','made','unknown')"),
        )

    op.create_table(
        "shipment_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("packed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND packed >= 0 AND packed <= quantity", name=op.f("ck_shipment_item_packed")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_shipment_item_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_item_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_item")),
        sa.UniqueConstraint(
            "shipment_id", "product_id", name=op.f("uq_shipment_item_shipment_id_product_id")
        ),
    )
    op.create_table(
        "tracking_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("on_way_back", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'info_received', 'in_transit', 'out_for_delivery', 'failed_attempt', 'available_for_pickup', 'delivered', 'exception', 'expired')",
            name=op.f("ck_tracking_event_status"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_tracking_event_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
        sa.UniqueConstraint("shipment_id", "key", name=op.f("uq_tracking_event_shipment_id_key")),
    )
    with op.batch_alter_table("tracking_event", schema=None) as batch_op:
        batch_op.create_index("ix_tracking_event_way", ["shipment_id", "at", "id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trusted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("group", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "feedback_opt_out_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True
            )
        )

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_closed",
            ["at", "id"],
            unique=False,
            sqlite_where=sa.text("kind = 'conversation.close'"),
            postgresql_where=sa.text("kind = 'conversation.close'"),
        )

    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("ship_by", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("delivery_trouble", sa.String(length=20), nullable=True))
        batch_op.create_index(
            "ix_order_to_pack",
            ["ship_by", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('paid','packing')"),
            postgresql_where=sa.text("state IN ('paid','packing')"),
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("away_from", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("away_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("last_given_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fragile", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("final_sale", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("hs_code", sa.String(length=12), server_default="", nullable=False))
        batch_op.add_column(sa.Column("origin", sa.String(length=2), server_default="", nullable=False))

    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("escalated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "escalation_rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_index("ix_promise_opened", ["opened_at", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_promise_escalation_rule_id_escalation_rule"),
            "escalation_rule",
            ["escalation_rule_id"],
            ["id"],
        )

    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("placed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("store", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("feedback_days", sa.Integer(), server_default="5", nullable=False))
        batch_op.add_column(sa.Column("low_score", sa.Integer(), server_default="2", nullable=False))
        batch_op.add_column(sa.Column("return_days", sa.Integer(), server_default="30", nullable=False))
        batch_op.add_column(
            sa.Column("return_way_back", sa.String(length=8), server_default="customer", nullable=False)
        )
        batch_op.add_column(
            sa.Column("return_address", sa.String(length=500), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("sender_address", sa.String(length=500), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("eori", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("slip_prices", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(
            batch_op.f("fk_store_calendar_id_calendar"), "calendar", ["calendar_id"], ["id"]
        )

    with op.batch_alter_table("tolerance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("discount_minor", sa.Integer(), server_default="0", nullable=False))
    # Orders that are paid already are to be packed; when their carrier comes nobody wrote down.
    op.execute("UPDATE \"order\" SET ship_by = updated_at WHERE state = 'paid'")


def downgrade() -> None:
    """Versions only go forward: restore the backup instead."""
    raise NotImplementedError
