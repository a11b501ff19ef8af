"""Money of a case, as its forms declare it; no table of its own."""
