"""Audio output: the only engine that runs in the head itself, since a worker may have no socket to a sound server."""
