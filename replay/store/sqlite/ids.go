package sqlite

import (
	"encoding/hex"
)

// MaxContexts is the maximum number of applications in a file.
const MaxContexts = "10000"

// ShownID returns SQL for an id that is stored as text or, as UUIDs often are, as 16
// bytes. Bytes are shown in hexadecimal.
func ShownID(column string) string {
	return "CASE typeof(" + column + ") WHEN 'blob' THEN lower(hex(" + column + ")) ELSE CAST(" + column + " AS TEXT) END"
}

// MatchID returns SQL for the rows whose id is shown as the given one.
func MatchID(column string, arg func(any) string, id string) string {
	if b, ok := HexID(id); ok {
		return column + " IN (" + arg(id) + ", " + arg(b) + ")"
	}
	// The same SQL for every id, so that the statement can be reused.
	return column + " IN (" + arg(id) + ", " + arg(id) + ")"
}

// HexID returns the bytes that an id shows in hexadecimal.
func HexID(id string) ([]byte, bool) {
	b, err := hex.DecodeString(id)
	return b, err == nil && id != "" && hex.EncodeToString(b) == id
}
