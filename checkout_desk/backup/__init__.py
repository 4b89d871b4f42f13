"""Copies of a running desk, and a desk from a copy: database, mails and files, keys, in one file."""
