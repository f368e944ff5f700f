"""Signing in through the hosted UI: the views, and the login transactions between them."""
