"""What is done with chats: answers, what they rest on, drafts."""
