"""Long work: lanes, and the jobs that wait in them."""
