"""Composed screens: the queue, the conversation beside it, search, mailboxes, communication errors."""

from __future__ import annotations

from flask import Flask

from checkout_desk.conversations import delivered
from checkout_desk.desk import (
    acts,
    carriers,
    composer,
    customers,
    error_page,
    errors,
    events_page,
    frame,
    holidays,
    keeping,
    label_buying,
    macros_page,
    mailbox_setup,
    mailboxes,
    manifests,
    messages,
    money_preview,
    more_reports,
    order_details,
    order_end,
    order_mails,
    ordering,
    orders_list,
    pack_list,
    pack_station,
    parcel,
    payment_import,
    payments_desk,
    people_records,
    playbook_pages,
    procedure_report,
    procedure_strip,
    queue,
    quotes,
    records_download,
    replies,
    report_page,
    report_saved,
    report_today,
    return_new,
    return_page,
    returns_list,
    search,
    setup_page,
    shipping_paper,
    studio,
    styleguide,
    tracking_board,
    tracking_numbers,
    workspace,
)
from checkout_desk.orders import following, milestones
from checkout_desk.payments import owing
from checkout_desk.returns import crediting
from checkout_desk.returns import label as return_label
from checkout_desk.returns import telling as return_telling
from checkout_desk.shipping import cancelled, starting, telling


def init_app(app: Flask) -> None:
    """Bind the desk's routes and the frame that every signed-in page shows."""
    delivered.register()
    following.register()
    cancelled.register()
    owing.register()
    crediting.register()
    telling.register()
    return_telling.register()
    milestones.send_along("return", return_label.files)
    starting.register()
    frame.init_app(app)
    keeping.init_app(app)
    holidays.init_app(app)
    money_preview.init_app(app)
    setup_page.init_app(app)
    for module in (
        queue,
        workspace,
        messages,
        composer,
        acts,
        ordering,
        order_details,
        order_mails,
        search,
        errors,
        error_page,
        events_page,
        records_download,
        mailboxes,
        styleguide,
        holidays,
        mailbox_setup,
        money_preview,
        customers,
        orders_list,
        pack_list,
        pack_station,
        tracking_numbers,
        manifests,
        shipping_paper,
        carriers,
        label_buying,
        payments_desk,
        payment_import,
        quotes,
        studio,
        playbook_pages,
        replies,
        macros_page,
        report_page,
        report_today,
        more_reports,
        report_saved,
        procedure_report,
        procedure_strip,
        tracking_board,
        parcel,
        returns_list,
        return_new,
        return_page,
        people_records,
        order_end,
        setup_page,
    ):
        app.register_blueprint(module.blueprint)
