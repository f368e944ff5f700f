"""The user pool API as operators call it: every user and every group."""
