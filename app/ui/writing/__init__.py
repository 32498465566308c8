"""What a person sees of the actions on a text: asking for one, its changes, and its result."""
