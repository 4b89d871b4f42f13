"""People who write to the store, and the addresses they write from."""
