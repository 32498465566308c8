"""What is done with a call, from its file to its deletion."""
