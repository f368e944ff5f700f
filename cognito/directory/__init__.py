"""The operators' part of the user pool API: all users and groups."""
