"""Counter machines that are simulated but speak the real protocols over real serial lines: demo, tests, training."""
