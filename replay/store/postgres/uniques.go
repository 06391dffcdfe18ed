package postgres

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"asof/replay/store/source"
)

// Uniques returns the columns of the unique indexes of the table, if only one is read, or
// one with a table next to it that has at most one row for each of its rows.
func (r *reader) Uniques(ctx context.Context) (uniques [][]string, known bool, err error) {
	if m := oneTable().FindStringSubmatch(r.Layout.From); m != nil {
		uniques, err = r.session.uniques(ctx, m[1])
		return uniques, err == nil, err
	}
	m := leftJoin().FindStringSubmatch(r.Layout.From)
	if m == nil || !r.identifiedBy(m[2]) {
		return nil, true, nil
	}
	var joined []string
	for cond := range strings.SplitSeq(m[5], " AND ") {
		c := joinedColumn().FindStringSubmatch(cond)
		if c == nil || c[1] != m[4] || c[3] != m[2] {
			return nil, true, nil
		}
		joined = append(joined, strings.ToLower(c[2]))
	}
	beside, err := r.session.uniques(ctx, m[3])
	if err != nil {
		return nil, false, err
	}
	if !slices.ContainsFunc(beside, func(u []string) bool {
		return !slices.ContainsFunc(u, func(name string) bool { return !slices.Contains(joined, name) })
	}) {
		return nil, true, nil
	}
	uniques, err = r.session.uniques(ctx, m[1])
	return uniques, err == nil, err
}

// identifiedBy reports whether the columns that identify an event are of the table with
// that alias.
func (r *reader) identifiedBy(alias string) bool {
	l := r.Layout
	stream := l.StreamKey
	if stream == "" {
		stream = l.Cols[source.Stream]
	}
	return l.MatchStream == nil && strings.HasPrefix(stream, alias+".") && strings.HasPrefix(l.Cols[source.Version], alias+".")
}

// uniques returns the columns of the unique indexes of a table.
func (s *session) uniques(ctx context.Context, name string) (uniques [][]string, err error) {
	names, err := s.Texts(ctx, `SELECT (SELECT string_agg(a.attname, ',')
			FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey))
		FROM pg_index i
		WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`, name)
	if err != nil {
		return nil, err
	}
	for _, list := range names {
		uniques = append(uniques, strings.Split(strings.ToLower(list), ","))
	}
	return uniques, nil
}

const tableName = `((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)`

var (
	// oneTable matches a single table with an alias, without a join.
	oneTable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + tableName + ` AS \w+$`) })
	// leftJoin matches a table and another next to it, whose rows do not decide what is read.
	leftJoin = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^` + tableName + ` AS (\w+) LEFT JOIN ` + tableName + ` AS (\w+) ON (.+)$`)
	})
	// joinedColumn matches an equality of two columns.
	joinedColumn = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\w+)\.(\w+) = (\w+)\.\w+$`) })
)
