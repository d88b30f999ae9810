"""Customers as events: the service catalogue, the resolvers of quoted phrases, and extraction."""
