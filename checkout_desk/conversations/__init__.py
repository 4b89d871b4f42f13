"""Threads with customers: messages, notes, promises, drafts, presence, threading and search."""
