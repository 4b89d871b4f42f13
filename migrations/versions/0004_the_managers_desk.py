"""Records, retention and erasure; the playbook; communication errors; macros; second factors; pauses and digests."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import checkout_desk.extensions
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "incident_cursor",
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_incident_cursor")),
    )
    op.create_table(
        "mail_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_hold_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_hold")),
    )
    op.create_table(
        "report_day",
        sa.Column("measure", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=120), nullable=False),
        sa.Column(
            "data", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("measure", "day", "part", name=op.f("pk_report_day")),
    )
    op.create_table(
        "report_roll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("built_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_report_roll_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_roll")),
    )
    op.create_table(
        "setup_step",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("put_off_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("tested_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column(
            "found",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setup_step")),
    )
    op.create_table(
        "bank_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column(
            "settings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("takes_effect_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by_id <> by_id OR state = 'refused'", name=op.f("ck_bank_change_four_eyes")
        ),
        sa.CheckConstraint("state IN ('waiting','done','refused')", name=op.f("ck_bank_change_state")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_bank_change_by_id_person")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_bank_change_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"], ["payment_method.id"], name=op.f("fk_bank_change_method_id_payment_method")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_change")),
    )
    with op.batch_alter_table("bank_change", schema=None) as batch_op:
        batch_op.create_index("ix_bank_change_state", ["state", "takes_effect_at"], unique=False)

    op.create_table(
        "chain_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("open", sa.Integer(), nullable=True),
        sa.Column("asked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finished_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("first_wrong", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("beside", sa.String(length=600), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_chain_check_asked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_check")),
    )
    with op.batch_alter_table("chain_check", schema=None) as batch_op:
        batch_op.create_index(
            "uq_chain_check_open",
            ["open"],
            unique=True,
            sqlite_where=sa.text("open IS NOT NULL"),
            postgresql_where=sa.text("open IS NOT NULL"),
        )

    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "found",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "files",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "counts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("asked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.String(length=16), nullable=True),
        sa.Column("claimed_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running','done')", name=op.f("ck_erasure_state")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_erasure_by_id_person")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_erasure_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("mark", name=op.f("uq_erasure_mark")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(
            "uq_erasure_running",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("first_seen_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resolution", sa.String(length=500), nullable=False),
        sa.Column("resolved_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("reopened_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'settled', 'resolved')", name=op.f("ck_incident_state")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_incident_owner_id_person")),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["person.id"], name=op.f("fk_incident_resolved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("kind", "cause", name=op.f("uq_incident_kind_cause")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("ix_incident_seen", ["last_seen_at", "id"], unique=False)
        batch_op.create_index("ix_incident_state", ["state", "last_seen_at", "id"], unique=False)

    op.create_table(
        "macro",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column(
            "texts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("order_move", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "tags", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("assign", sa.String(length=20), nullable=False),
        sa.Column("escalate_role", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=6), nullable=False),
        sa.Column("snooze_days", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(after = 'snooze') = (snooze_days IS NOT NULL)", name=op.f("ck_macro_snooze_days")
        ),
        sa.CheckConstraint("after IN ('wait','close','stay','snooze')", name=op.f("ck_macro_after")),
        sa.CheckConstraint(
            "order_move IN ('','ask','quote','verify','cancel')", name=op.f("ck_macro_order_move")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_macro_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macro")),
        sa.UniqueConstraint("name_key", name=op.f("uq_macro_name_key")),
    )
    op.create_table(
        "person_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ready_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_person_export_by_id_person")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_person_export_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_export")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("person_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_export_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "playbook_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_playbook_page_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_page")),
        sa.UniqueConstraint("slug", name=op.f("uq_playbook_page_slug")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "code_hash", name=op.f("uq_recovery_code_person_id_code_hash")),
    )
    op.create_table(
        "retention_rule",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("changed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("swept_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("swept", sa.Integer(), nullable=False),
        sa.CheckConstraint("months BETWEEN 1 AND 240", name=op.f("ck_retention_rule_months")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_retention_rule_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "saved_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("days", sa.String(length=24), nullable=False),
        sa.Column(
            "words",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "roles",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("schedule", sa.String(length=5), nullable=False),
        sa.Column(
            "people",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("mailed_for", sa.Date(), nullable=True),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("schedule IN ('', 'week', 'month')", name=op.f("ck_saved_report_schedule")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_report_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_report")),
    )
    with op.batch_alter_table("saved_report", schema=None) as batch_op:
        batch_op.create_index("ix_saved_report_owner", ["owner_id", "id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("added_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "sign_in_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("without_reason", sa.String(length=300), nullable=False),
        sa.Column("changed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_sign_in_rule_one")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_sign_in_rule_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_rule")),
    )
    op.create_table(
        "forgotten_mail",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("raw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mail.id"], name=op.f("fk_forgotten_mail_raw_id_raw_mail")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_forgotten_mail")),
    )
    op.create_table(
        "incident_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_how", sa.String(length=120), nullable=False),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_case_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_incident_case_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_case")),
        sa.UniqueConstraint("incident_id", "source", name=op.f("uq_incident_case_incident_id_source")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("incident_case", schema=None) as batch_op:
        batch_op.create_index("ix_incident_case_message", ["message_id"], unique=False)
        batch_op.create_index("ix_incident_case_page", ["incident_id", "id"], unique=False)
        batch_op.create_index(
            "ix_incident_case_unsettled",
            ["id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.create_table(
        "incident_retry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "cases",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("gone_through", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column(
            "left", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("done_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_incident_retry_by_id_person")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_retry_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_retry")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("incident_retry", schema=None) as batch_op:
        batch_op.create_index(
            "uq_incident_retry_running",
            ["incident_id"],
            unique=True,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "playbook_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anchor", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "kind IN ('step','template','action','finding')", name=op.f("ck_playbook_link_kind")
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["playbook_page.id"], name=op.f("fk_playbook_link_page_id_playbook_page")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_link")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_playbook_link_kind_key")),
    )
    op.create_table(
        "playbook_reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["playbook_page.id"], name=op.f("fk_playbook_reading_page_id_playbook_page")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_playbook_reading_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_reading")),
        sa.UniqueConstraint(
            "page_id", "number", "person_id", name=op.f("uq_playbook_reading_page_id_number_person_id")
        ),
    )
    op.create_table(
        "playbook_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "asks", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("created_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_playbook_version_number")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_playbook_version_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["playbook_page.id"], name=op.f("fk_playbook_version_page_id_playbook_page")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_version")),
        sa.UniqueConstraint("page_id", "number", name=op.f("uq_playbook_version_page_id_number")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lifted_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lifted_why", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(customer_id IS NULL) <> (order_id IS NULL)", name=op.f("ck_legal_hold_one")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_legal_hold_by_id_person")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_legal_hold_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["person.id"], name=op.f("fk_legal_hold_lifted_by_id_person")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_legal_hold_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_legal_hold_open",
            ["lifted_at"],
            unique=False,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_legal_hold_order_id"), ["order_id"], unique=False)

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("escalated_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("handed_for", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("paused_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_conversation_escalated_by_id_person"), "person", ["escalated_by_id"], ["id"]
        )

    with op.batch_alter_table("customer_link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "wanted",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
                nullable=True,
            )
        )

    with op.batch_alter_table("desk_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("second", sa.String(length=8), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("confirmed_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("macro_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "salts",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
                nullable=True,
            )
        )
        batch_op.create_index("ix_event_actor", ["actor", "id"], unique=False)
        batch_op.create_index("ix_event_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_event_kind", ["kind", "id"], unique=False)

    with op.batch_alter_table("manifest", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("leaving_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("leaving_until", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "refused",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
                nullable=True,
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_manifest_leaving_by_id_person"), "person", ["leaving_by_id"], ["id"]
        )

    with op.batch_alter_table("milestone_mail", schema=None) as batch_op:
        batch_op.create_index("ix_milestone_mail_at", ["at", "id"], unique=False)

    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("delivery_wish", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("return_step", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("money_owed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("ix_order_created", ["created_at", "id"], unique=False)

    with op.batch_alter_table(
        "payment", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.add_column(sa.Column("credited_minor", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint(op.f("ck_payment_spent"), type_="check")
        batch_op.create_check_constraint(
            "spent", "allocated_minor + refunded_minor + credited_minor <= amount_minor"
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("digest_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("to_read", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("promise_pause", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("was_due_at", checkout_desk.extensions.UTCDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quote_paid",
            ["paid_at"],
            unique=False,
            sqlite_where=sa.text("paid_at IS NOT NULL"),
            postgresql_where=sa.text("paid_at IS NOT NULL"),
        )

    with op.batch_alter_table("return", schema=None) as batch_op:
        batch_op.add_column(sa.Column("credit_minor", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column(
                "credit_of",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
                nullable=True,
            )
        )

    with op.batch_alter_table("saved_reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=16), server_default="", nullable=False))

    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rides_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            "ix_shipment_rides",
            ["rides_id"],
            unique=False,
            sqlite_where=sa.text("rides_id IS NOT NULL"),
            postgresql_where=sa.text("rides_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_shipment_rides_id_shipment"), "shipment", ["rides_id"], ["id"]
        )

    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.create_index("ix_stock_movement_at", ["at", "id"], unique=False)

    with op.batch_alter_table("store", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("answer_mails", sa.String(length=300), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("credit_confirmed", sa.String(length=8), server_default="placed", nullable=False)
        )
        batch_op.add_column(sa.Column("hand_out", sa.String(length=8), server_default="off", nullable=False))
        batch_op.add_column(sa.Column("digest_hour", sa.Integer(), server_default="7", nullable=False))
        batch_op.add_column(sa.Column("stays_hours", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("stays_role", sa.String(length=20), server_default="manager", nullable=False)
        )
    # The queue counts complex cases by whom they stand with; those that stand already are counted once, now.
    op.execute(
        "INSERT INTO conversation_count (view, n) "
        "SELECT 'to:' || COALESCE(NULLIF(escalated_to_role, ''), CAST(escalated_to_id AS VARCHAR(20))), COUNT(*) "
        "FROM conversation WHERE merged_into_id IS NULL AND escalated_at IS NOT NULL "
        "AND (escalated_to_role IS NOT NULL OR escalated_to_id IS NOT NULL) GROUP BY 1"
    )


def downgrade() -> None:
    """Versions only go forward: restore the backup instead."""
    raise NotImplementedError
