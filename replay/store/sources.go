package store

import (
	"slices"

	"asof/replay/store/dialect"
	"asof/replay/store/jsonfile"
	"asof/replay/store/mysql"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
)

// Sources returns the sources of stores. The first that claims a location opens it.
func Sources() []source.Source {
	return []source.Source{
		postgres.Source(dialect.Postgres()),
		mysql.Source(dialect.MySQL()),
		sqlite.Source(dialect.SQLite()),
		jsonfile.Source(dialect.Files()),
	}
}

// Dialects returns the names that Options.Dialect accepts, sorted.
func Dialects() []string {
	var names []string
	for _, s := range Sources() {
		names = append(names, s.Dialects()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
