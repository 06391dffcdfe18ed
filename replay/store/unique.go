package store

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"asof/replay"
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

// sound looks through the streams once, for a version that one has twice.
func (r *sqliteReader) sound(ctx context.Context) error {
	if r.isSound {
		return nil
	}
	if t := r.probe.table(strings.Trim(r.layout.from, `"`)); t == nil || !r.layout.isKeyed(t.uniques) {
		if err := each(r.open(ctx, byVersion())); err != nil {
			return r.failed(ctx, err)
		}
	}
	r.isSound = true
	return nil
}

// soundIn looks through these streams (nil is all), for a version that one has twice.
func (r *sqliteReader) soundIn(ctx context.Context, ids []replay.StreamID) error {
	if ids == nil || r.isSound {
		return r.sound(ctx)
	}
	q := byVersion()
	q.Streams = ids
	if err := each(r.open(ctx, q)); err != nil {
		return r.failed(ctx, err)
	}
	return nil
}

// soundIn looks through these streams (nil is all), for a version that one has twice.
func (r *pgReader) soundIn(ctx context.Context, ids []replay.StreamID) error {
	if ids == nil || r.isSound {
		return r.sound(ctx)
	}
	q := byVersion()
	q.Streams = ids
	if err := each(r.open(ctx, q)); err != nil {
		return r.session.failed(ctx, err)
	}
	return nil
}

// sound looks through the streams once, for a version that one has twice.
func (r *pgReader) sound(ctx context.Context) error {
	if r.isSound {
		return nil
	}
	uniques, err := r.uniques(ctx)
	if err == nil && !r.layout.isKeyed(uniques) {
		err = each(r.open(ctx, byVersion()))
	}
	if err != nil {
		return r.session.failed(ctx, err)
	}
	r.isSound = true
	return nil
}

// uniques are the columns of the unique indexes of the one table that is read.
func (r *pgReader) uniques(ctx context.Context) ([][]string, error) {
	m := oneTable.FindStringSubmatch(r.layout.from)
	if m == nil {
		return nil, nil
	}
	names, err := r.session.texts(ctx, `SELECT (SELECT string_agg(a.attname, ',')
			FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey))
		FROM pg_index i
		WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`, m[1])
	if err != nil {
		return nil, err
	}
	var all [][]string
	for _, list := range names {
		all = append(all, strings.Split(strings.ToLower(list), ","))
	}
	return all, nil
}

// oneTable is a single table with an alias, without a join.
var oneTable = regexp.MustCompile(`^((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?) AS \w+$`)

// isKeyed reports whether a unique index of the one table that is read keeps any
// stream from having a version twice.
func (l *layout) isKeyed(uniques [][]string) bool {
	if l.numbered {
		return true
	}
	if l.item != "" {
		return false
	}
	stream, version := columnOf(l.keyOfStream()), columnOf(l.cols[colVersion])
	return slices.ContainsFunc(uniques, func(u []string) bool {
		return !slices.ContainsFunc(u, func(name string) bool { return name == "" || name != stream && name != version })
	})
}

// keyOfStream is the expression that tells streams apart.
func (l *layout) keyOfStream() string {
	if l.streamKey != "" {
		return l.streamKey
	}
	return l.cols[colStream]
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

var bareColumn = regexp.MustCompile(`^(?:\w+\.)?(?:"([^"]+)"|(\w+))$`)

// each goes through the events of a statement, for what that finds out.
func each[C interface {
	next() (*replay.Event, error)
	close()
}](c C, err error) error {
	if err != nil {
		return err
	}
	defer c.close()
	for {
		if e, err := c.next(); e == nil || err != nil {
			return err
		}
	}
}
