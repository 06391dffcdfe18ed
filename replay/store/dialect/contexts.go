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

// linkedContext is the context in which a store shows every stream as its library reads it,
// if an event may be linked into streams other than its own. An event is then in several
// streams, so that there are no positions.
const linkedContext = "linked"

const linkedNote = "; every stream as the library reads it, with the events that are linked into it"

// readsLinked reports whether the context is [linkedContext]. There is no other one.
func readsLinked(l *table.Layout, o *source.Options) (bool, error) {
	l.Contexts = []string{linkedContext}
	_, err := o.Choose(l.Contexts)
	return o.Context != "", err
}
