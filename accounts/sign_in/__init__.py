"""Sign-in through the hosted UI: views and login transactions."""
