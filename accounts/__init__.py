"""People: browser sign-in, sessions, users and groups, the admin's door, and the pages."""
