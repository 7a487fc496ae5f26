"""What a person starts: one thin main a file, called by `scripts/NAME`."""
