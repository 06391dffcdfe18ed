package sqlite

import (
	"encoding/hex"
)

// MaxContexts bounds the applications of one file.
const MaxContexts = "10000"

// ShownID is SQL for an id that may be kept as text or, as UUIDs often are, as 16
// bytes: those are shown in hexadecimal.
func ShownID(column string) string {
	return "CASE typeof(" + column + ") WHEN 'blob' THEN lower(hex(" + column + ")) ELSE CAST(" + column + " AS TEXT) END"
}

// MatchID is SQL for the rows whose id is shown as the one given.
func MatchID(column string, arg func(any) string, id string) string {
	if b, ok := HexID(id); ok {
		return column + " IN (" + arg(id) + ", " + arg(b) + ")"
	}
	// Alike for every id, so that a statement can be used again.
	return column + " IN (" + arg(id) + ", " + arg(id) + ")"
}

// HexID returns the bytes that are shown as id.
func HexID(id string) ([]byte, bool) {
	b, err := hex.DecodeString(id)
	return b, err == nil && id != "" && hex.EncodeToString(b) == id
}
