"""What the language model does with a text of the person; nothing of it is kept."""
