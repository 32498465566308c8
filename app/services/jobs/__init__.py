"""Long-running work: the lanes and the jobs queued in them."""
