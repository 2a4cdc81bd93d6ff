"""The copy that a desk keeps of its hub: `images` writes what the hub says; `place` has how far it was read, what the
hub said of each operation, and what waits to be sent."""
