"""An invented mall: people, shops, gifts and years of sales, the same for the same seed."""
