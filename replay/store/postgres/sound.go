package postgres

import (
	"context"
	"regexp"
	"strings"

	"asof/replay"
	"asof/replay/store/table"
)

// soundIn looks through these streams (nil is all), for a version that one has twice.
func (r *reader) soundIn(ctx context.Context, ids []replay.StreamID) error {
	if ids == nil || r.isSound {
		return r.sound(ctx)
	}
	q := table.ByVersion()
	q.Streams = ids
	if err := table.Each(r.open(ctx, q)); err != nil {
		return r.session.failed(ctx, err)
	}
	return nil
}

// sound looks through the streams once, for a version that one has twice.
func (r *reader) sound(ctx context.Context) error {
	if r.isSound {
		return nil
	}
	uniques, err := r.uniques(ctx)
	if err == nil && !r.Layout.IsKeyed(uniques) {
		err = table.Each(r.open(ctx, table.ByVersion()))
	}
	if err != nil {
		return r.session.failed(ctx, err)
	}
	r.isSound = true
	return nil
}

// uniques are the columns of the unique indexes of the one table that is read.
func (r *reader) uniques(ctx context.Context) ([][]string, error) {
	m := oneTable.FindStringSubmatch(r.Layout.From)
	if m == nil {
		return nil, nil
	}
	names, err := r.session.Texts(ctx, `SELECT (SELECT string_agg(a.attname, ',')
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
