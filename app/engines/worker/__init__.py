"""What runs inside a worker process: the loop, and the engines themselves."""
