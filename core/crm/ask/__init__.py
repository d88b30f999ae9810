"""Questions about a client: facts by code, answers from them, and a check of a model's words."""
