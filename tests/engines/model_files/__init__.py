"""Model files, and the library that reads them."""
