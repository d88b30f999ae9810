"""The commands of the console: each is declared once, with those of its area."""
