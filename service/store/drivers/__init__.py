"""What differs between the two kinds of database: how one transaction runs on each."""
