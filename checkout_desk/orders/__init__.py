"""Orders: what a customer wants, from the first draft to the end, and the one next step."""
