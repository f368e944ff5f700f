"""The operators' console: Django's admin, extended by pages for the user pool."""
