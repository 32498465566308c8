"""Values, pure functions, protocols and errors; nothing here depends on disks, models or windows."""
