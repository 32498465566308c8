"""The page of tasks: what is to be done, by whom and until when, and where it was said."""
