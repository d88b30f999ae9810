"""The bridge's callables over HTTP on a Unix socket."""
