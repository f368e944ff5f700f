"""Rules for user names, display names, telephone numbers and passwords."""
