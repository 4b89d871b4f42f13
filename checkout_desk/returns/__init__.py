"""Goods that come back: asked for, allowed, received, looked at, settled (procedure step A15)."""
