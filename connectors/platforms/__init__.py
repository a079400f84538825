"""One module per platform: what it sends, by declaration. Each is found by its `PLATFORM`."""
