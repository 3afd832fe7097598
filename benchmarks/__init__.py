"""Speed and accuracy, each with the command that reproduces it."""
