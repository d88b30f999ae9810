"""The parts of the client's profile: cards, chart, answers."""
