"""Programs for whoever works on capcoada: each is run by make."""
