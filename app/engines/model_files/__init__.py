"""Reading model files and planning their memory, from the headers alone where that is enough."""
