"""From the journal to the documents: what WhatsApp tells becomes threads and messages."""
