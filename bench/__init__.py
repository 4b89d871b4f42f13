"""How fast the desk is, against a bare Flask page in the same run. See README.md."""
