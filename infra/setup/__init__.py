"""Install what the programs and the tests need: virtual environments, Chromium, Node.js packages."""
