"""Whether the lines of a call bear what is said of it, and which of them do."""
