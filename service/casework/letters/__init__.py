"""Letters of a case: to whom each goes when it leaves, and which wait to go together."""
