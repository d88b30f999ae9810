"""Taking everything out of a store, and into another: exports, imports and migrations."""
