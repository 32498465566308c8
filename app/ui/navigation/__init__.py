"""What a page and a command are, and the frame that pages are shown in."""
