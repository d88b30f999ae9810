"""The panes and painted lists the screens are made of."""
