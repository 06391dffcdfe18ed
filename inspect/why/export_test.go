package why

// SetSpacing sets how many events are folded between two saved states.
func SetSpacing(n int) { spacing = n }
