package dialect

import "asof/replay/store/source"

// snakeOrCamel is where applications store the correlation if their library does not say.
func snakeOrCamel() source.Metadata {
	return source.Metadata{
		Correlation: []string{"/correlation_id", "/correlationId"},
		Causation:   []string{"/causation_id", "/causationId"},
	}
}

// dollarOrCamel is where libraries with the conventions of KurrentDB store it.
func dollarOrCamel() source.Metadata {
	return source.Metadata{
		Correlation: []string{"/$correlationId", "/correlationId"},
		Causation:   []string{"/$causationId", "/causationId"},
	}
}
