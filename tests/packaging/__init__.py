"""What makes a checkout runnable, and packages of it."""
