"""A stand-in for WhatsApp's side: phones and servers for the demo and the tests."""
