"""Rate limits, and the counters in the database that all processes share."""
