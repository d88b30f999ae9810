"""Pictures of every screen, drawn by the real console from the demo company at a fixed moment."""
