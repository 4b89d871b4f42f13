"""Stores as earlier versions of the database wrote them: the demo store, built by the desk of that time, table by table."""
