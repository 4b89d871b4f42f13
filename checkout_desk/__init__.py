"""Checkout Desk: a helpdesk for stores that take orders by e-mail."""

__version__ = "0.1.0"
