"""Reading and planning model files, from their headers alone where that is enough."""
