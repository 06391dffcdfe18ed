package table

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A LiveTable describes the table l that has the rows of a category now. Without a Table,
// Reason says why there is none.
type LiveTable struct {
	Category string
	Table    *Table
	From     string   // SQL: the table
	Keys     []string // SQL over l: the key's columns as text
	Data     string   // SQL over l: the row as JSON
	Key      []string // the names of the key's columns in the history
	Columns  []replay.LiveColumn
	Reason   string
}

// LiveColumns describes the columns of a live table except its key, which the stream has.
func LiveColumns(t *Table, key []string, zone *time.Location) []replay.LiveColumn {
	var out []replay.LiveColumn
	for i := range t.Cols {
		c := &t.Cols[i]
		if containsFold(key, c.Name) {
			continue
		}
		out = append(out, replay.LiveColumn{Name: c.Name, Recorded: []string{c.Name}, Same: cell.KindOf(c.Type).Comparer(zone)})
	}
	return out
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// Live describes the live table t of a category, by its primary key.
func Live(p RowProbe, category string, t *Table) (LiveTable, error) {
	l := LiveTable{Category: category, Reason: "there is no table " + category}
	if t == nil {
		return l, nil
	}
	key, err := p.PrimaryKey(t)
	if err != nil {
		return l, err
	}
	if len(key) == 0 {
		l.Reason = "the table " + t.Name + " has no primary key"
		return l, nil
	}
	var cols []*Column
	for i := range t.Cols {
		cols = append(cols, &t.Cols[i])
	}
	l.Table, l.From, l.Reason, l.Columns = t, p.Name(t), "", LiveColumns(t, key, p.Options().TimeZone)
	l.Key = key
	for _, k := range key {
		l.Keys = append(l.Keys, p.Key("l", t.Column(k)))
	}
	l.Data, err = p.Row("l", t, cols)
	return l, err
}

func (l *LiveTable) hasKey() string {
	var conds []string
	for _, k := range l.Keys {
		conds = append(conds, k+" IS NOT NULL")
	}
	return strings.Join(conds, " AND ")
}

// LiveTables lists the live tables of the history.
func (b *Binding) LiveTables(ctx context.Context) ([]replay.LiveTable, error) {
	if b.Layout.Live == nil {
		return nil, &replay.UnsupportedError{Dialect: b.Layout.Dialect, Lacks: "live rows"}
	}
	all, err := b.Layout.Live()
	if err != nil {
		return nil, b.engine.Failed(ctx, err)
	}
	users := map[string]int{}
	for i := range all {
		users[all[i].From]++
	}
	out := make([]replay.LiveTable, len(all))
	for i := range all {
		l := &all[i]
		out[i] = replay.LiveTable{Category: l.Category, Reason: l.Reason, Source: l}
		if l.Table == nil {
			continue
		}
		out[i].Name, out[i].Key, out[i].Columns, out[i].Partial = l.Table.Name, l.Key, l.Columns, users[l.From] > 1
		v, err := b.one(ctx, "SELECT count(*) FROM "+l.From+" AS l WHERE NOT ("+l.hasKey()+")")
		if err != nil {
			return nil, b.engine.Failed(ctx, err)
		}
		out[i].Keyless = v.Num
	}
	return out, nil
}

// LiveRows yields the rows of the tables.
func (b *Binding) LiveRows(ctx context.Context, tables []replay.LiveTable) iter.Seq2[*replay.LiveRow, error] {
	return func(yield func(*replay.LiveRow, error) bool) {
		var all []string
		for i := range tables {
			if l, ok := tables[i].Source.(*LiveTable); ok && l.Table != nil {
				s := RowSource{Table: QuoteText(l.Category), Keys: l.Keys}
				all = append(all, fmt.Sprintf("SELECT %s AS stream, %d AS src, %s AS data FROM %s AS l WHERE %s", s.Stream(), i, l.Data, l.From, l.hasKey()))
			}
		}
		if all == nil {
			return
		}
		f := b.engine.Flavour()
		st := &Statement{
			SQL:  "SELECT x.stream, x.src, x.data FROM (" + strings.Join(all, " UNION ALL ") + ") AS x ORDER BY " + f.Bytes(b.Layout.collated("x.stream")),
			Item: -1,
		}
		for i := range st.Cols {
			st.Cols[i] = -1
		}
		st.Cols[source.Stream], st.Cols[source.Version], st.Cols[source.Data] = 0, 1, 2
		if err := b.eachLive(ctx, st, yield); err != nil {
			yield(nil, b.engine.Failed(ctx, err))
		}
	}
}

func (b *Binding) eachLive(ctx context.Context, st *Statement, yield func(*replay.LiveRow, error) bool) error {
	rows, err := b.engine.Select(ctx, st)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r Row
	var live replay.LiveRow
	for {
		more, err := rows.Next(st, &r)
		if err != nil || !more {
			return err
		}
		id := replay.StreamID(r.At(source.Stream).Text())
		if id <= live.Stream && live.Stream != "" {
			return errors.New("two live rows have the key " + string(id) + ", or the database sorts text in another order")
		}
		live = replay.LiveRow{Table: int(r.At(source.Version).Num), Stream: id, Data: r.At(source.Data).Text()}
		if !yield(&live, nil) {
			return nil
		}
	}
}
