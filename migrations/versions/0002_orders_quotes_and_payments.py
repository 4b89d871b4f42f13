"""Catalogue and stock, orders read out of mail, quotes, payments, templates, customer pages."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import checkout_desk.extensions
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "catalogue_stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalogue_stamp_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_stamp")),
    )
    op.create_table(
        "column_map",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("header_key", sa.String(length=64), nullable=False),
        sa.Column(
            "columns",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_map")),
        sa.UniqueConstraint("name", name=op.f("uq_column_map_name")),
    )
    op.create_table(
        "discount",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("from_value_minor", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('percent','amount')", name=op.f("ck_discount_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount")),
        sa.UniqueConstraint("code_key", "valid_from", name=op.f("uq_discount_code_key_valid_from")),
    )
    op.create_table(
        "order_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_order_number_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_number")),
    )
    op.create_table(
        "payment_method",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "settings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('stripe','paypal','bank','cash','account')", name=op.f("ck_payment_method_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_method")),
    )
    op.create_table(
        "product_family",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "attributes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_family")),
        sa.UniqueConstraint("key", name=op.f("uq_product_family_key")),
    )
    op.create_table(
        "shipping_service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column(
            "countries",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("days_min", sa.Integer(), nullable=False),
        sa.Column("days_max", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.String(length=5), nullable=False),
        sa.Column("tax_class", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_service")),
    )
    op.create_table(
        "tax_zone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "countries",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("treatment", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_zone")),
        sa.UniqueConstraint("name", name=op.f("uq_tax_zone_name")),
    )
    op.create_table(
        "tolerance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("under_minor", sa.Integer(), nullable=False),
        sa.Column("over_minor", sa.Integer(), nullable=False),
        sa.Column("refund_minor", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tolerance")),
        sa.UniqueConstraint("role", "currency", name=op.f("uq_tolerance_role_currency")),
    )
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("undone_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_customer_merge_by_id_person")),
        sa.ForeignKeyConstraint(
            ["gone_id"], ["customer.id"], name=op.f("fk_customer_merge_gone_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["customer.id"], name=op.f("fk_customer_merge_kept_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["person.id"], name=op.f("fk_customer_merge_undone_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    with op.batch_alter_table("customer_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_merge_kept_id"), ["kept_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("sku_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("phrase_key", sa.String(length=400), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_class", sa.String(length=20), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("shelf", sa.String(length=40), nullable=False),
        sa.Column("barcode", sa.String(length=64), nullable=True),
        sa.Column("family_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "attributes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("picture_sha256", sa.String(length=64), nullable=True),
        sa.Column("picture_type", sa.String(length=40), nullable=True),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.Column("low_at", sa.Integer(), nullable=True),
        sa.Column("restock_on", sa.Date(), nullable=True),
        sa.Column("restock_quantity", sa.Integer(), nullable=True),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0 AND held >= 0 AND committed >= 0", name=op.f("ck_product_balances")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_product_price")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["product_family.id"], name=op.f("fk_product_family_id_product_family")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("barcode", name=op.f("uq_product_barcode")),
        sa.UniqueConstraint("sku_key", name=op.f("uq_product_sku_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index("ix_product_family", ["family_id"], unique=False)
        batch_op.create_index("ix_product_name", ["name_key", "id"], unique=False)
        batch_op.create_index("ix_product_phrase", ["phrase_key"], unique=False)

    op.create_table(
        "provider_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("understood_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["method_id"], ["payment_method.id"], name=op.f("fk_provider_event_method_id_payment_method")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_provider_event_provider_event_id")),
    )
    with op.batch_alter_table("provider_event", schema=None) as batch_op:
        batch_op.create_index("ix_provider_event_open", ["understood_at", "id"], unique=False)

    op.create_table(
        "saved_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_key", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_saved_reply_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reply")),
        sa.UniqueConstraint("title_key", "language", name=op.f("uq_saved_reply_title_key_language")),
    )
    op.create_table(
        "shipping_price",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("up_to_grams", sa.Integer(), nullable=True),
        sa.Column("from_value_minor", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_shipping_price_price")),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["shipping_service.id"],
            name=op.f("fk_shipping_price_service_id_shipping_service"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_price")),
    )
    with op.batch_alter_table("shipping_price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipping_price_service_id"), ["service_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("sum_minor", sa.Integer(), nullable=True),
        sa.Column(
            "columns",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_statement_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("file_sha256", name=op.f("uq_statement_file_sha256")),
    )
    op.create_table(
        "tax_rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("zone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tax_class", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rate_rate")),
        sa.ForeignKeyConstraint(["zone_id"], ["tax_zone.id"], name=op.f("fk_tax_rate_zone_id_tax_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
        sa.UniqueConstraint(
            "zone_id", "tax_class", "valid_from", name=op.f("uq_tax_rate_zone_id_tax_class_valid_from")
        ),
    )
    op.create_table(
        "template_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="approved", nullable=False),
        sa.Column("effective_from", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('draft','approved')", name=op.f("ck_template_version_state")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_template_version_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_template_version_created_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint(
            "key", "language", "number", name=op.f("uq_template_version_key_language_number")
        ),
    )
    op.create_table(
        "product_alias",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("text_key", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("taught_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taught_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("taught_how", sa.String(length=120), nullable=False),
        sa.Column("undone_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_alias_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["taught_by_id"], ["person.id"], name=op.f("fk_product_alias_taught_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["person.id"], name=op.f("fk_product_alias_undone_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_alias")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("product_alias", schema=None) as batch_op:
        batch_op.create_index("ix_product_alias_product", ["product_id"], unique=False)
        batch_op.create_index(
            "uq_product_alias_live",
            ["key"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "stock_movement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=True),
        sa.Column("about", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receive', 'count', 'hold', 'release', 'commit', 'ship', 'return', 'scrap')",
            name=op.f("ck_stock_movement_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_stock_movement_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint("occasion", name=op.f("uq_stock_movement_occasion")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.create_index("ix_stock_movement_about", ["about", "id"], unique=False)
        batch_op.create_index("ix_stock_movement_product", ["product_id", "id"], unique=False)

    op.create_table(
        "message_reading",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "reading",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("milliseconds", sa.Float(), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_reading_message_id_message")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_reading")),
    )
    op.create_table(
        "order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("ship_name", sa.String(length=200), nullable=False),
        sa.Column("ship_line1", sa.String(length=200), nullable=False),
        sa.Column("ship_line2", sa.String(length=200), nullable=False),
        sa.Column("ship_city", sa.String(length=120), nullable=False),
        sa.Column("ship_region", sa.String(length=120), nullable=False),
        sa.Column("ship_postcode", sa.String(length=20), nullable=False),
        sa.Column("ship_country", sa.String(length=2), nullable=False),
        sa.Column(
            "sources",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "asked",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("gap_count", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("born_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verified_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancelled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("remind_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("parked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("live_quote", sa.Integer(), nullable=True),
        sa.Column("updated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'clarifying', 'verified', 'quoted', 'paid', 'packing', 'shipped', 'delivered', 'closed', 'cancelled', 'expired')",
            name=op.f("ck_order_state"),
        ),
        sa.ForeignKeyConstraint(["born_of_id"], ["message.id"], name=op.f("fk_order_born_of_id_message")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_order_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_order_created_by_id_person")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_order_customer_id_customer")),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["person.id"], name=op.f("fk_order_verified_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.create_index("ix_order_conversation", ["conversation_id", "id"], unique=False)
        batch_op.create_index("ix_order_country", ["ship_country", "id"], unique=False)
        batch_op.create_index("ix_order_customer", ["customer_id", "id"], unique=False)
        batch_op.create_index(
            "ix_order_reminder",
            ["remind_at"],
            unique=False,
            sqlite_where=sa.text("remind_at IS NOT NULL"),
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        )
        batch_op.create_index("ix_order_state", ["state", "id"], unique=False)

    op.create_table(
        "milestone_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("milestone", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_milestone_mail_message_id_message")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_milestone_mail_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_mail")),
        sa.UniqueConstraint(
            "order_id", "milestone", "about", name=op.f("uq_milestone_mail_order_id_milestone_about")
        ),
    )
    op.create_table(
        "order_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "changes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('open','accepted','declined')", name=op.f("ck_order_change_state")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_order_change_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_order_change_message_id_message")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_change_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_change")),
        sa.UniqueConstraint("order_id", "message_id", name=op.f("uq_order_change_order_id_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("unit_price_minor", sa.Integer(), nullable=True),
        sa.Column("standing", sa.String(length=8), nullable=False),
        sa.Column(
            "candidates",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column(
            "typed",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("accepted_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("removed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("removed_why", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "standing IN ('said', 'review', 'choice', 'unknown', 'typed')",
            name=op.f("ck_order_line_standing"),
        ),
        sa.CheckConstraint("quantity IS NULL OR quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_order_line_accepted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_order_line_message_id_message")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_line_order_id_order")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_order_line_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_order", ["order_id", "position", "id"], unique=False)
        batch_op.create_index("ix_order_line_product", ["product_id"], unique=False)

    op.create_table(
        "quote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "content",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("paid_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'accepted', 'paid', 'expired', 'superseded', 'withdrawn')",
            name=op.f("ck_quote_state"),
        ),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_quote_total")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_quote_created_by_id_person")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_quote_message_id_message")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_quote_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_quote_order_id_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_quote_reference")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index("ix_quote_expiry", ["state", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_quote_live",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('sent','accepted')"),
            postgresql_where=sa.text("state IN ('sent','accepted')"),
        )

    op.create_table(
        "customer_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("opened_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_customer_link_order_id_order")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_customer_link_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_customer_link_token_hash")),
    )
    with op.batch_alter_table("customer_link", schema=None) as batch_op:
        batch_op.create_index("ix_customer_link_order", ["order_id", "id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("source_ref", sa.String(length=160), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("payer_name", sa.String(length=200), nullable=False),
        sa.Column("payer_account", sa.String(length=60), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column(
            "evidence",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "proposal",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("allocated_minor", sa.Integer(), nullable=False),
        sa.Column("refunded_minor", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'matched', 'needs_review', 'allocated', 'refunded')",
            name=op.f("ck_payment_state"),
        ),
        sa.CheckConstraint("allocated_minor + refunded_minor <= amount_minor", name=op.f("ck_payment_spent")),
        sa.CheckConstraint(
            "allocated_minor >= 0 AND allocated_minor <= amount_minor", name=op.f("ck_payment_allocated")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND refunded_minor <= amount_minor", name=op.f("ck_payment_refunded")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_payment_entered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["provider_event.id"], name=op.f("fk_payment_event_id_provider_event")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_payment_quote_id_quote")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_payment_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_payment_source_source_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_state", ["state", "id"], unique=False)

    op.create_table(
        "payment_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("made_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("looked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'open', 'paid', 'closed')", name=op.f("ck_payment_link_state")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"], ["payment_method.id"], name=op.f("fk_payment_link_method_id_payment_method")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_payment_link_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_link")),
        sa.UniqueConstraint("provider", "ref", name=op.f("uq_payment_link_provider_ref")),
        sa.UniqueConstraint(
            "quote_id", "method_id", "number", name=op.f("uq_payment_link_quote_id_method_id_number")
        ),
    )
    with op.batch_alter_table("payment_link", schema=None) as batch_op:
        batch_op.create_index("ix_payment_link_open", ["state", "looked_at"], unique=False)

    op.create_table(
        "allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_allocation_amount")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_allocation_by_id_person")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id_payment")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_allocation_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("payment_id", "quote_id", name=op.f("uq_allocation_payment_id_quote_id")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index("ix_allocation_quote", ["quote_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unallocated_minor", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("provider_ref", sa.String(length=120), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'sent', 'done', 'failed', 'to_be_checked')", name=op.f("ck_refund_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint(
            "unallocated_minor BETWEEN 0 AND amount_minor", name=op.f("ck_refund_unallocated")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_refund_by_id_person")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_refund_order_id_order")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_refund_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index("ix_refund_payment", ["payment_id"], unique=False)
        batch_op.create_index("ix_refund_state", ["state", "id"], unique=False)

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("next_action", sa.String(length=16), server_default="answer", nullable=False)
        )
        batch_op.add_column(
            sa.Column("queue_view", sa.String(length=16), server_default="answer", nullable=False)
        )
        batch_op.add_column(sa.Column("asks", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("order_step", sa.String(length=16), nullable=True))
        batch_op.add_column(
            sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("order_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("order_state", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("order_total_minor", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("order_currency", sa.String(length=3), nullable=True))
        batch_op.add_column(sa.Column("order_gaps", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_conversation_next",
            ["queue_view", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open' AND merged_into_id IS NULL"),
            postgresql_where=sa.text("state = 'open' AND merged_into_id IS NULL"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("country", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("phone", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("note", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index("ix_customer_name", ["name_key", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_customer_merged_into_id_customer"), "customer", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("purpose", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("template", sa.String(length=60), nullable=True))

    with op.batch_alter_table("store", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(length=2), server_default="GB", nullable=False))
        batch_op.add_column(sa.Column("currency", sa.String(length=3), server_default="GBP", nullable=False))
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="en", nullable=False))
        batch_op.add_column(sa.Column("ask_phone", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("remind_days", sa.Integer(), server_default="3", nullable=False))
        batch_op.add_column(
            sa.Column("prices_include_tax", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("tax_rounding", sa.String(length=5), server_default="line", nullable=False)
        )
        batch_op.add_column(sa.Column("vat_id", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("quote_days", sa.Integer(), server_default="5", nullable=False))
        batch_op.add_column(sa.Column("quote_remind_days", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("quote_pdf", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(
            sa.Column("brand_colour", sa.String(length=7), server_default="#0b5a6b", nullable=False)
        )
        batch_op.add_column(
            sa.Column("brand_footer", sa.String(length=500), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("logo_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("logo_type", sa.String(length=40), nullable=True))
        batch_op.create_check_constraint("remind", "remind_days BETWEEN 1 AND 60")
        batch_op.create_check_constraint("quote", "quote_days BETWEEN 1 AND 90")
        batch_op.create_check_constraint("tax_rounding", "tax_rounding IN ('line','total')")

    _triggers_and_first_rows()
    _what_is_known_of_old_rows()


FROZEN = (
    "order_id, number, currency, content, content_hash, net_minor, tax_minor, total_minor, reference, sent_at"
)


def _triggers_and_first_rows() -> None:
    """What no table says: triggers that keep the stock ledger and sent quotes as they are, and the row that numbers orders."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER stock_movement_no_update BEFORE UPDATE ON stock_movement "
            "BEGIN SELECT RAISE(ABORT, 'stock movements are never changed'); END"
        )
        op.execute(
            "CREATE TRIGGER stock_movement_no_delete BEFORE DELETE ON stock_movement "
            "BEGIN SELECT RAISE(ABORT, 'stock movements are never deleted'); END"
        )
        op.execute(
            f"CREATE TRIGGER quote_frozen BEFORE UPDATE OF {FROZEN} ON quote WHEN OLD.sent_at IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'a quote that was sent is never changed'); END"
        )
        op.execute(
            "CREATE TRIGGER quote_kept BEFORE DELETE ON quote WHEN OLD.sent_at IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'a quote that was sent is never deleted'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION stock_movement_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'stock movements are never changed or deleted'; END $$"
        )
        op.execute(
            "CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement "
            "FOR EACH ROW EXECUTE FUNCTION stock_movement_append_only()"
        )
        op.execute(
            "CREATE FUNCTION quote_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a quote that was sent is never changed or deleted'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER quote_frozen BEFORE UPDATE OF {FROZEN} ON quote FOR EACH ROW "
            "WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION quote_frozen()"
        )
        op.execute(
            "CREATE TRIGGER quote_kept BEFORE DELETE ON quote FOR EACH ROW "
            "WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION quote_frozen()"
        )
    numbers = sa.table("order_number", sa.column("id"), sa.column("next"))
    op.execute(numbers.insert().values(id=1, next=1001))


def _what_is_known_of_old_rows() -> None:
    """The queue's new columns and counts for conversations that are there already, and the key of customers' names."""
    op.execute(
        "UPDATE conversation SET next_action = CASE WHEN state <> 'open' THEN '' "
        "WHEN promise_due_at IS NULL THEN 'close' ELSE 'answer' END, "
        "queue_view = CASE WHEN state = 'open' THEN 'answer' ELSE '' END"
    )
    op.execute(
        "INSERT INTO conversation_count (view, n) "
        "SELECT 'open', count(*) FROM conversation WHERE state = 'open' AND merged_into_id IS NULL"
    )
    op.execute("UPDATE customer SET name_key = lower(name)")


def downgrade() -> None:
    raise NotImplementedError("Orders are not thrown away; restore a backup of the version before.")
