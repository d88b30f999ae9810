"""Reads the chats that WhatsApp exports from a phone, and adds them to an account's threads."""
