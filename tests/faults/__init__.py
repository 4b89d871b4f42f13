"""The desk's processes are killed, starved and cut off at every step of the way in and out (SECURITY section 4)."""
