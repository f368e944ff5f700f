"""The part of the user pool API that users and the app client call."""
