"""The models on this disk: finding, verifying, installing and packing them."""
