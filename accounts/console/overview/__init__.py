"""The front page of the console: what needs attention, figures and charts."""
