"""What is done with tasks: listing and changing them, finding them, and taking them along."""
