"""How times are written, where Django's own way reads wrong; named by the settings."""
