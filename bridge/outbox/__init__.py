"""From the operator's key to WhatsApp: durable before each step, never sent twice on its own."""
