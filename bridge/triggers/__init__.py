"""What follows from a saved event: its short id, its history, and its client's totals."""
