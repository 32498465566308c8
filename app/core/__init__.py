"""Values, pure functions, protocols and errors; knows nothing of disks, models or windows."""
