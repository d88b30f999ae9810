"""Documents as typed values, and the ids and paths that name them."""
