"""Firestore security rules, read and asked on this machine as the cloud asks them."""
