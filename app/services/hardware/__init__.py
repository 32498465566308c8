"""What this computer has: memory, cores, graphics."""
