"""Parcels: packed, labelled, handed to a carrier, watched until they arrive (procedure steps A10–A14, B3)."""
