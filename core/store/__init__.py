"""The document store: one port, shaped like Firestore, and the engines behind it."""
