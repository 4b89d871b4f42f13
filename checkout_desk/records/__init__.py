"""Proof: the case file of an order, the check of the record, and the search in it."""
