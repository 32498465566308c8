"""What is done with the vault as a whole: keys, copies, care."""
