"""Version 1 of the mails that an order's milestones send, in every language of the desk."""
