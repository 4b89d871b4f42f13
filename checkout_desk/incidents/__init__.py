"""Communication errors by their cause: what goes wrong again and again, whose it is, and what was done about it."""
