"""The terminal console: a client of the store and of the bridge's callables."""
