"""Identities of users in a project with a user model of its own, and the adapter to that model.

Add "accounts.identity" to INSTALLED_APPS in such a project. A project whose AUTH_USER_MODEL is
`accounts.User` needs no table of identities, because each of its users is one.
"""
