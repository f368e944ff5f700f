"""Step-up: dangerous operations demand a recent sign-in, which the user can confirm."""
