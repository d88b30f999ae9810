"""The places an operator can be."""
