"""The user pool API as users and the app client call it."""
