"""What each kind of WhatsApp message says, one file per family of kinds."""
