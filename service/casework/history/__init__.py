"""A case tells its own history: the fold of its facts, and the promises that the fold must keep."""
