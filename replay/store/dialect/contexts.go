package dialect

import (
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// sqliteContexts names streams CONTEXT/ID, from two columns.
func sqliteContexts(l *table.Layout, context, idColumn string, contexts []string) {
	l.Cols[source.Stream] = context + " || '/' || " + sqlite.ShownID(idColumn)
	l.NamedInContexts(contexts, func(arg func(any) string, c, id string) (string, bool) {
		return context + " = " + arg(c) + " AND " + sqlite.MatchID(idColumn, arg, id), true
	})
}
