"""Transport: built files, compression of pages, and form tokens masked against it."""
