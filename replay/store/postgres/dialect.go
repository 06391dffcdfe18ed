package postgres

import (
	"asof/replay/store/table"
)

// A Dialect is what we know of one library's tables in PostgreSQL.
type Dialect struct {
	Name string

	// Match binds the dialect to the tables of one schema. Where it does not fit,
	// the error says why, in words that go on from "it is not NAME: ".
	Match func(p *Probe) (*table.Layout, error)
}
