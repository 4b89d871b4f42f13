"""People who work at the desk: roles, permissions, sign-in, sessions."""
