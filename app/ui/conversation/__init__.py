"""Messages, their sources and the field to write in, wherever a conversation is shown."""
