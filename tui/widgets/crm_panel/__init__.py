"""The event beside the chat: loaded when it is first shown, so that no first frame waits for it."""
