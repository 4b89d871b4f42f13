"""What a manager may set for the store."""
