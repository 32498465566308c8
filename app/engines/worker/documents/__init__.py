"""Reading documents inside the documents worker, a module for each kind."""
