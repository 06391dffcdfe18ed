package replay

// A Saver is a [Reader] of a store in which the application saves states, to load its
// streams from.
type Saver interface {
	// Saved returns a reader of the saved states as events: each has the stream and the
	// version whose state it is, and in its payload the state, at a JSON pointer. It reads
	// the same moment of the store, and closing it does not close the store. It is nil if
	// the dialect's saved states are not known.
	Saved() (r Reader, at string)
}

// Saved returns a reader of the states that the application saved in a store, see [Saver].
// A store without any is an [UnsupportedError].
func Saved(of Reader) (r Reader, at string, err error) {
	if s, ok := of.(Saver); ok {
		if saved, at := s.Saved(); saved != nil {
			return saved, at, nil
		}
	}
	return nil, "", &UnsupportedError{Dialect: of.Info().Dialect, Lacks: "snapshots that asof can read"}
}
