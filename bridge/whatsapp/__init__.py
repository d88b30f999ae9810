"""The WhatsApp gateway: account workers, their protocol, and the translator of their events."""
