"""History of a case: the fold of its facts, and the promises that the fold must keep."""
