"""The layers, and the state of their rates."""
