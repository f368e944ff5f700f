"""Signing up and resetting a password, safe from others who know the address."""
