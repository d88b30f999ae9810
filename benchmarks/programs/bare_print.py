"""F_py: bare Python that prints one line to the terminal."""

import sys

sys.stdout.write("MARKER-PAINTED\r\n")
sys.stdout.flush()
sys.stdin.read(1)
