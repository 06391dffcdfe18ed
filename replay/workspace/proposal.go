package workspace

import (
	"errors"

	"asof/replay/store"
)

// Proposed returns ref with the mapping that err proposes for a store that no dialect
// recognizes. ok is false if there is none, or more than one.
func Proposed(ref StoreRef, err error) (_ StoreRef, ok bool) {
	var unknown *store.UnknownDialectError
	if !errors.As(err, &unknown) || len(unknown.Matches) > 0 || len(unknown.Proposals) != 1 || ref.Map != nil {
		return ref, false
	}
	ref.Table, ref.Map = unknown.Proposals[0].Table, unknown.Proposals[0].Map
	return ref, true
}
