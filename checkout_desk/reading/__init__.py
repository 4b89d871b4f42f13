"""Understands what a mail orders: text and catalogue entries in, a Reading with spans out. Knows no database, no web."""
