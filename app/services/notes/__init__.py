"""What is done with notes: writing, finding, linking, exporting."""
