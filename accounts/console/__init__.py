"""The operators' console: Django's admin with the user pool in it."""
