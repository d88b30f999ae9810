"""The daemon that owns the WhatsApp accounts, the outbox, the triggers and the callables."""
