"""What a front end asks for: windows onto threads and messages, and the bridge's callables."""
