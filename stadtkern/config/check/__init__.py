"""The checks of `stadtkern doctor`: each looks at one thing and names the remedy."""
