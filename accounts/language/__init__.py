"""The language of the pages: chosen in the footer, or taken from the browser's settings."""
