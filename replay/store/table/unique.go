package table

import (
	"context"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/source"
)

// A stream with a version twice has no single history, because the order of the two events
// is arbitrary. A query for one stream fails when it meets adjacent rows with the same
// version. Queries over many streams read by position, where such rows are not adjacent.
// So the first such query checks all streams, unless a unique index guarantees it.

// wantsUnique reports whether a query spans many streams and so requires that no stream
// has a version twice. A query for the first or last few events does not.
func wantsUnique(q replay.Query) bool {
	return q.Streams == nil && q.Order == replay.ByPosition && q.Limit == 0 && q.IDPrefix == ""
}

// byVersion returns a query for only the coordinates of all events, stream by stream.
func byVersion() replay.Query {
	return replay.Query{
		Order: replay.ByStream,
		Skip:  replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData,
	}
}

// isKeyed reports whether a unique index of the table, if only one is read, prevents a
// version from occurring twice.
func (l *Layout) isKeyed(uniques [][]string) bool {
	if l.Numbered {
		return true
	}
	if l.Item != "" {
		return false
	}
	version := columnOf(l.Cols[source.Version])
	keys := l.keys
	if keys == nil {
		keys = []string{l.keyOfStream()}
	}
	return slices.ContainsFunc(uniques, func(u []string) bool {
		return !slices.ContainsFunc(u, func(name string) bool {
			return name == "" || name != version && !slices.ContainsFunc(keys, func(k string) bool { return columnOf(k) == name })
		})
	})
}

// keyOfStream returns the expression that identifies streams.
func (l *Layout) keyOfStream() string {
	if l.StreamKey != "" {
		return l.StreamKey
	}
	return l.Cols[source.Stream]
}

// columnOf returns the lower-case name of the column in an expression, or "" if the
// expression is more than one column.
func columnOf(expr string) string {
	expr = strings.TrimSuffix(expr, " COLLATE BINARY")
	if table, column, ok := strings.Cut(expr, "."); ok && isWord(table) {
		expr = column
	}
	if n := len(expr) - 1; n > 1 && expr[0] == '"' && expr[n] == '"' && !strings.Contains(expr[1:n], `"`) {
		expr = expr[1:n]
	} else if !isWord(expr) {
		return ""
	}
	return strings.ToLower(expr)
}

// isWord reports whether a text is letters, digits and underscores, so that it is a name
// without quotes.
func isWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// Sound checks the streams with the given ids, or all if nil, for duplicate versions.
func (b *Binding) Sound(ctx context.Context, ids []replay.StreamID) error {
	if err := b.inTime(ctx); err != nil || b.sound {
		return err
	}
	keyed := b.Layout.Rows != nil && b.Layout.Numbered // counted by the stream's id as shown
	if ids == nil && !keyed {
		uniques, known, err := b.engine.Uniques(ctx)
		if err != nil {
			return b.engine.Failed(ctx, err)
		}
		keyed = known && b.Layout.isKeyed(uniques)
	}
	if !keyed {
		q := byVersion()
		q.Streams = ids
		c, err := b.engine.Open(ctx, q)
		if err == nil {
			err = c.drain()
		}
		if err != nil {
			return b.engine.Failed(ctx, err)
		}
	}
	b.sound = b.sound || ids == nil
	return nil
}
