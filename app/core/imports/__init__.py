"""Reading a call out of a text that another program wrote; only the media worker, which has no rights, reads one."""
