"""Account in the browser: the cookie of a session, and the own password typed again."""
