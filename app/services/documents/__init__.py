"""Documents as material for chats and notes."""
