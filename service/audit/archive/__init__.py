"""A package for an archive: what one office keeps of an ended case, as E-ARK SIP 2.1."""
