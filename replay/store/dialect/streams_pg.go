package dialect

import (
	"encoding/hex"

	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// pgStream maps the stream of a layout to a column, which may contain bytes. These are
// shown as hexadecimal digits and looked up as bytes, so that their index applies.
func pgStream(p *postgres.Probe, l *table.Layout, t *table.Table, column string) {
	p.Stream(l, "e", t, column)
	if t.Column(column).Type != "bytea" {
		return
	}
	l.StreamKey = postgres.Ref("e", t, column)
	l.StreamArg = func(id string) (any, bool) {
		b, err := hex.DecodeString(id)
		return b, err == nil && hex.EncodeToString(b) == id
	}
}
