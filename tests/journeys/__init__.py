"""The acceptance journeys: keys in, documents out, through real processes."""
