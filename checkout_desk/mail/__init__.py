"""Mail: bytes in, bytes out. Knows no shop, no order, no conversation."""
