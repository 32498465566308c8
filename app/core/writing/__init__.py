"""What a language model does with a text of the person: the actions, the prompts, differences and what is checked."""
