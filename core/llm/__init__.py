"""Language models: the only place that talks to Groq. What they say is checked by code."""
