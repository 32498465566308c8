"""What the product promises, checked; the folders mirror app/."""
