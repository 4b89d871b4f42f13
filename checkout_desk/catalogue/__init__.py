"""What the store sells: products, the words that customers call them by, and the ledger of their stock."""
