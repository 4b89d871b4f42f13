"""Version 1 of the mails that an order's milestones send: in English, German, French and Spanish.

A customer of another language gets the store's own language, else English (see templates.newest).
"""
