"""The playbook: pages that the store owns, on how it works. Both procedures are there from the start, as version 1."""
