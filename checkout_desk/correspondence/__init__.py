"""Templates with versions and languages: what the desk writes by itself, or proposes to a person."""
