"""Rate limits, and their attempt counters in the database."""
