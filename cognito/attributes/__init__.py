"""Rules for what users are called and how they are reached, and for passwords."""
