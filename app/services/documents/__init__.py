"""Reading documents, of which nothing is stored."""
