"""Install what programs and tests need: environments, Chromium, Node.js packages."""
