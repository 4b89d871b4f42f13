"""Bank statements of every form, as rows. Pure: no database, no network."""
