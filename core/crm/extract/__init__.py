"""Engines that turn a chat into a proposed event; none of them saves anything."""
