"""`capcoada doctor`: looks at everything that can be wrong and says it in plain sentences."""
