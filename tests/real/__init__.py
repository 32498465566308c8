"""Real models, recordings and meetings: fetched, run through the product, and read."""
