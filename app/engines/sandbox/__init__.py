"""Taking rights away from a process, and trying that they are gone."""
