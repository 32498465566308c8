"""What belongs to one language, one table and one file each, and the libraries that know many."""
