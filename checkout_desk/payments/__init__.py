"""Money that comes in, the quotes that it pays, and money that goes back."""
