package cell

import (
	"encoding/json"

	"asof/replay/state"
)

// Valid reports the same as [json.Valid] of a text in UTF-8, sooner.
func (s *Scanner) Valid(text []byte) bool {
	return s.document(text, true) == nil && s.Odd&state.NotFinite == 0 || json.Valid(text)
}
