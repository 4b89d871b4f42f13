"""What the customer page says of a quote, in the languages that we write to customers."""
