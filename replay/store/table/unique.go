package table

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/source"
)

// A stream with a version twice has no one history: whichever of the events came
// second would be a matter of chance. Single streams are refused where the two
// rows follow each other. Questions about many streams read by position, where
// they do not, so the streams are looked through once before the first of these,
// unless the store itself forbids it by a unique index.

// wantsUnique reports whether a query is about many streams at once, and so needs
// to know that none has a version twice. The first or last few events do not.
func wantsUnique(q replay.Query) bool {
	return q.Streams == nil && q.Order == replay.ByPosition && q.Limit == 0 && q.IDPrefix == ""
}

// byVersion asks for nothing but the coordinates of all events, stream by stream.
func byVersion() replay.Query {
	return replay.Query{
		Order: replay.ByStream,
		Skip:  replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData,
	}
}

// isKeyed reports whether a unique index of the one table that is read keeps any
// stream from having a version twice.
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

// keyOfStream is the expression that tells streams apart.
func (l *Layout) keyOfStream() string {
	if l.StreamKey != "" {
		return l.StreamKey
	}
	return l.Cols[source.Stream]
}

// columnOf is the name of the column that an expression is, in lower case; empty
// where it is more than one column.
func columnOf(expr string) string {
	m := bareColumn.FindStringSubmatch(expr)
	if m == nil {
		return ""
	}
	return strings.ToLower(m[1] + m[2])
}

var bareColumn = regexp.MustCompile(`^(?:\w+\.)?(?:"([^"]+)"|(\w+))(?: COLLATE BINARY)?$`)

// Sound looks through the streams (nil is all) for a version that one has twice.
func (b *Binding) Sound(ctx context.Context, ids []replay.StreamID) error {
	if b.sound {
		return nil
	}
	keyed := false
	if ids == nil {
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
