"""Figures for managers: read only, one module a question, and what stands behind each figure (procedure steps A16, B6)."""
