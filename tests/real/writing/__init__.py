"""What real models write for texts of people, and what of that is right."""
