"""What the product promises, tried from outside on the real engines."""
