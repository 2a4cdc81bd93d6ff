"""The hub's side of the store: admission, feed, snapshot, and what it keeps of its desks. PostgreSQL only."""
