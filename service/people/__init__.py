"""People and offices: the directory, sign-in, sessions, preferences, rate limits."""
