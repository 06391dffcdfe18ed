package store

import (
	"slices"

	"asof/replay/store/dialect"
	"asof/replay/store/jsonfile"
)

// Dialects returns the names of the dialects that Options.Dialect takes, sorted.
func Dialects() []string {
	var names []string
	for _, d := range dialect.SQLite() {
		names = append(names, d.Name)
	}
	for _, d := range dialect.Postgres() {
		names = append(names, d.Name)
	}
	for _, f := range jsonfile.Forms() {
		names = append(names, f.Dialect)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
