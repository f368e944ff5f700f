"""The site's name, logo, colours and support address, wherever a user sees them."""
