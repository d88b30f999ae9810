"""Who calls, what they may do, who answers a conversation, and who is looking at it."""
