"""The use cases, one per module: engines are known only as protocols, the vault as the concrete class."""
