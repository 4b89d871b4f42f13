"""The hash-chained record of everything that happened: who, what, about which thing, before and after, when, from where."""
