"""Whether the tests can be believed: which lines they run, and which changes of the code they catch."""
