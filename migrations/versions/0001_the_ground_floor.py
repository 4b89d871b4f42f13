"""The ground floor: people, mail, conversations, the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import checkout_desk.extensions

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "conversation_count",
        sa.Column("view", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("view", name=op.f("pk_conversation_count")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "desk_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_desk_version_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_version")),
    )
    op.create_table(
        "event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "after", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=True
        ),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_subject", ["subject_type", "subject_id", "id"], unique=False)

    op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column(
            "aliases",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("plus_addressing", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("imap_host", sa.String(length=254), nullable=False),
        sa.Column("imap_port", sa.Integer(), nullable=False),
        sa.Column("imap_tls", sa.String(length=10), nullable=False),
        sa.Column("imap_user", sa.String(length=254), nullable=False),
        sa.Column("imap_secret", sa.Text(), nullable=False),
        sa.Column(
            "imap_folders",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("imap_ca_file", sa.String(length=500), nullable=False),
        sa.Column("smtp_host", sa.String(length=254), nullable=False),
        sa.Column("smtp_port", sa.Integer(), nullable=False),
        sa.Column("smtp_tls", sa.String(length=10), nullable=False),
        sa.Column("smtp_user", sa.String(length=254), nullable=False),
        sa.Column("smtp_secret", sa.Text(), nullable=False),
        sa.Column("smtp_ca_file", sa.String(length=500), nullable=False),
        sa.Column("hook_secret", sa.Text(), nullable=False),
        sa.Column("last_contact_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_mail_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("usual_gap_seconds", sa.Integer(), nullable=True),
        sa.Column("last_fault", sa.String(length=300), nullable=False),
        sa.Column("last_fault_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=80), nullable=False),
        sa.Column("lease_number", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("address", name=op.f("uq_mailbox_address")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("signature", sa.String(length=2000), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("paused_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_throttle")),
        sa.UniqueConstraint("key", name=op.f("uq_sign_in_throttle_key")),
    )
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("promise_hours", sa.Integer(), nullable=False),
        sa.Column("undo_seconds", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("acknowledge", sa.Boolean(), nullable=False),
        sa.Column("acknowledge_strangers", sa.Boolean(), nullable=False),
        sa.Column("automatic_per_address", sa.Integer(), nullable=False),
        sa.Column("automatic_per_conversation", sa.Integer(), nullable=False),
        sa.Column("own_authserv_id", sa.String(length=254), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_store_one")),
        sa.CheckConstraint("promise_hours BETWEEN 1 AND 720", name=op.f("ck_store_promise")),
        sa.CheckConstraint("undo_seconds BETWEEN 0 AND 120", name=op.f("ck_store_undo")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("undone_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_act_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index("ix_act_person", ["person_id", "id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mailbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reply_token", sa.String(length=32), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("snoozed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("escalated_reason", sa.String(length=500), nullable=True),
        sa.Column("escalated_to_role", sa.String(length=20), nullable=True),
        sa.Column("escalated_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "tags", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("preview", sa.String(length=200), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("has_attachment", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(length=120), nullable=True),
        sa.Column("exception", sa.Boolean(), nullable=False),
        sa.Column("queue_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("promise_due_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'waiting', 'snoozed', 'closed', 'spam')", name=op.f("ck_conversation_state")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["person.id"], name=op.f("fk_conversation_assignee_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_conversation_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["escalated_to_id"], ["person.id"], name=op.f("fk_conversation_escalated_to_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_conversation_mailbox_id_mailbox")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["conversation.id"], name=op.f("fk_conversation_merged_into_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("reply_token", name=op.f("uq_conversation_reply_token")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_customer", ["customer_id", "last_message_at"], unique=False)
        batch_op.create_index(
            "ix_conversation_exceptions",
            ["queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("exception AND merged_into_id IS NULL"),
            postgresql_where=sa.text("exception AND merged_into_id IS NULL"),
        )
        batch_op.create_index(
            "ix_conversation_mine",
            ["assignee_id", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open' AND assignee_id IS NOT NULL AND merged_into_id IS NULL"),
            postgresql_where=sa.text("state = 'open' AND assignee_id IS NOT NULL AND merged_into_id IS NULL"),
        )
        batch_op.create_index(
            "ix_conversation_snoozed_until",
            ["snoozed_until"],
            unique=False,
            sqlite_where=sa.text("state = 'snoozed'"),
            postgresql_where=sa.text("state = 'snoozed'"),
        )
        batch_op.create_index(
            "ix_conversation_state_queue",
            ["state", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("merged_into_id IS NULL"),
            postgresql_where=sa.text("merged_into_id IS NULL"),
        )
        batch_op.create_index(
            "ix_conversation_unassigned",
            ["queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open' AND assignee_id IS NULL AND merged_into_id IS NULL"),
            postgresql_where=sa.text("state = 'open' AND assignee_id IS NULL AND merged_into_id IS NULL"),
        )

    op.create_table(
        "customer_address",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_address_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_address")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_address_email")),
    )
    with op.batch_alter_table("customer_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_address_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "desk_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_desk_session_token_hash")),
    )
    with op.batch_alter_table("desk_session", schema=None) as batch_op:
        batch_op.create_index("ix_desk_session_person", ["person_id", "ended_at"], unique=False)

    op.create_table(
        "folder_cursor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mailbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("folder", sa.String(length=254), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("server_count", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_folder_cursor_mailbox_id_mailbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_cursor")),
        sa.UniqueConstraint(
            "mailbox_id",
            "folder",
            "uidvalidity",
            "account",
            name=op.f("uq_folder_cursor_mailbox_id_folder_uidvalidity_account"),
        ),
    )
    op.create_table(
        "outbound_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("mailbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=False),
        sa.Column(
            "recipients",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("queued_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknown_count", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("data_started_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("rung_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("response", sa.String(length=500), nullable=True),
        sa.Column(
            "refused",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.CheckConstraint(
            "state IN ('queued','sending','sent','failed','unknown','cancelled')",
            name=op.f("ck_outbound_mail_state"),
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_outbound_mail_mailbox_id_mailbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbound_mail_message_id")),
        sa.UniqueConstraint("occasion", name=op.f("uq_outbound_mail_occasion")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbound_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbound_mail_address_auto",
            ["to_address", "queued_at"],
            unique=False,
            sqlite_where=sa.text("automatic"),
            postgresql_where=sa.text("automatic"),
        )
        batch_op.create_index(
            "ix_outbound_mail_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued','sending')"),
            postgresql_where=sa.text("state IN ('queued','sending')"),
        )
        batch_op.create_index(
            "ix_outbound_mail_thread_auto",
            ["thread", "queued_at"],
            unique=False,
            sqlite_where=sa.text("automatic"),
            postgresql_where=sa.text("automatic"),
        )

    op.create_table(
        "person_role",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "raw_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("mailbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=True),
        sa.Column("envelope_to", sa.String(length=320), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("taken_in_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("duplicate_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("rung_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('received','taken_in','duplicate','unreadable')", name=op.f("ck_raw_mail_state")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["raw_mail.id"], name=op.f("fk_raw_mail_duplicate_of_id_raw_mail")
        ),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_raw_mail_mailbox_id_mailbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_mail")),
        sa.UniqueConstraint("sha256", name=op.f("uq_raw_mail_sha256")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("raw_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_raw_mail_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'received'"),
            postgresql_where=sa.text("state = 'received'"),
        )

    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("based_on_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("about_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_draft_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "conversation_id", "person_id", "kind", name=op.f("uq_draft_conversation_id_person_id_kind")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_draft_token")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mailbox_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cursor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("raw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('stored','duplicate','quarantined')", name=op.f("ck_mailbox_delivery_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["cursor_id"], ["folder_cursor.id"], name=op.f("fk_mailbox_delivery_cursor_id_folder_cursor")
        ),
        sa.ForeignKeyConstraint(
            ["raw_id"], ["raw_mail.id"], name=op.f("fk_mailbox_delivery_raw_id_raw_mail")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_delivery")),
        sa.UniqueConstraint("cursor_id", "uid", name=op.f("uq_mailbox_delivery_cursor_id_uid")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("raw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mail_id", sa.String(length=998), nullable=True),
        sa.Column("canonical_key", sa.String(length=64), nullable=True),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("from_email", sa.String(length=254), nullable=False),
        sa.Column(
            "recipients",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("blocked_images", sa.Integer(), nullable=False),
        sa.Column(
            "zones", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=True
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=True
        ),
        sa.Column("attachment_count", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=300), nullable=True),
        sa.Column("resolved_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("direction IN ('in','out','note')", name=op.f("ck_message_direction")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_message_author_id_person")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_mail.id"], name=op.f("fk_message_outbound_id_outbound_mail")
        ),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mail.id"], name=op.f("fk_message_raw_id_raw_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("canonical_key", name=op.f("uq_message_canonical_key")),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_message_outbound_id")),
        sa.UniqueConstraint("raw_id", name=op.f("uq_message_raw_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_mail_id",
            ["mail_id"],
            unique=False,
            sqlite_where=sa.text("mail_id IS NOT NULL"),
            postgresql_where=sa.text("mail_id IS NOT NULL"),
        )
        batch_op.create_index("ix_message_thread", ["conversation_id", "at", "id"], unique=False)
        batch_op.create_index(
            "ix_message_trouble",
            ["id"],
            unique=False,
            sqlite_where=sa.text("trouble IS NOT NULL AND resolved_at IS NULL"),
            postgresql_where=sa.text("trouble IS NOT NULL AND resolved_at IS NULL"),
        )

    op.create_table(
        "participant",
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_participant_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "email", name=op.f("pk_participant")),
    )
    op.create_table(
        "presence",
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doing", sa.String(length=10), nullable=False),
        sa.Column("since", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_presence_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id_person")),
        sa.PrimaryKeyConstraint("conversation_id", "person_id", name=op.f("pk_presence")),
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_id", sa.String(length=254), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_attachment_draft_id_draft")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_attachment_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_draft_id"), ["draft_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)

    op.create_table(
        "possible_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("resolved_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_possible_match_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_possible_match_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_possible_match")),
        sa.UniqueConstraint(
            "message_id", "conversation_id", name=op.f("uq_possible_match_message_id_conversation_id")
        ),
    )
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("alarmed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["message.id"], name=op.f("fk_promise_closed_by_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_promise_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_promise_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("message_id", name=op.f("uq_promise_message_id")),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index("ix_promise_conversation", ["conversation_id"], unique=False)
        batch_op.create_index(
            "ix_promise_open",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    _search_triggers_and_first_rows()


def _search_triggers_and_first_rows() -> None:
    """What no table says: the search index, the triggers that keep the record append-only, and the two single rows."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE message_fts USING fts5"
            "(subject, body, addresses, files, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute(
            "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
            "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
        )
        op.execute(
            "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
            "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END"
        )
    else:
        op.execute(
            "CREATE TABLE message_search "
            "(message_id bigint PRIMARY KEY REFERENCES message (id), tsv tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_message_search_tsv ON message_search USING gin (tsv)")
        op.execute(
            "CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$"
        )
        op.execute(
            "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event "
            "FOR EACH ROW EXECUTE FUNCTION event_append_only()"
        )
    head = sa.table("event_head", sa.column("id"), sa.column("seq"), sa.column("hash"), sa.column("at"))
    instant = checkout_desk.extensions.UTCDateTime()
    epoch = sa.literal(datetime.fromtimestamp(0, UTC), instant)
    op.execute(head.insert().values(id=1, seq=0, hash="0" * 64, at=epoch))
    version = sa.table("desk_version", sa.column("id"), sa.column("n"))
    op.execute(version.insert().values(id=1, n=0))


def downgrade() -> None:
    raise NotImplementedError("There is no desk before the first version.")
