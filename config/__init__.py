"""Settings, contracts and vocabulary: what the rest of the project agrees on. Imports nothing of ours."""
