"""What runs inside a worker process: its request loop and the engines themselves."""
